import { assertEquals } from "@std/assert";
import { AwsV4Signer } from "aws4fetch";
import { plainHmacKey } from "../../src/signing/sha256.ts";
import { findHmacKey } from "../../src/runtime/hash/hmac_key.ts";
import { encodeKey, encodeQuery } from "../../src/signing/encode.ts";
import { presign } from "../../src/signing/presign/presign.ts";
import type { S3Case } from "./case.ts";
import { ODD_NAMES } from "./names_and_folders.ts";

/** Presigned URLs must not depend on the implementation of hashes, which differs between runtimes. */
export const presigningCases: S3Case[] = [
  {
    name: "presigned URLs equal those of aws4fetch, with hashes in JavaScript and in node:crypto",
    async run({ peer }): Promise<void> {
      const { accessKey, secretKey } = peer.settings;
      const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
      const makes = [plainHmacKey, findHmacKey() ?? plainHmacKey];
      const ownOf = makes.map(() => ({ ...credentials })); // what is made of credentials is kept with them
      const plain = Array.from({ length: 200 }, (_, index) => "k".repeat(index + 1));
      for (const key of [...ODD_NAMES, ...plain, ...plain]) {
        for (const query of [[], [["response-content-type", "text/plain; a=b"]]] as const) {
          const path = `/${encodeKey(key)}`;
          const reference = await new AwsV4Signer({
            ...credentials,
            url: `https://b.example${path}?${encodeQuery([...query, ["X-Amz-Expires", "60"]])}`,
            region: "eu-west-1",
            service: "s3",
            datetime: "20260102T030405Z",
            signQuery: true,
          }).sign();
          const urls = makes.map((hmacKey, index) =>
            presign({
              ...{ method: "GET", origin: "https://b.example", path, query, region: "eu-west-1", service: "s3" },
              ...{ expiresIn: 60, date: new Date("2026-01-02T03:04:05Z"), credentials: ownOf[index]!, hmacKey },
            })
          );
          const signature = reference.url.searchParams.get("X-Amz-Signature")!;
          assertEquals(urls.map((url) => url.slice(-64)), [signature, signature], key);
        }
      }
    },
  },
];
