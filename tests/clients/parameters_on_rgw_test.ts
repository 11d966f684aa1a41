/** Ceph RGW accepts the parameters of requests: versions, encryption keys, requester pays. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import {
  NotSupportedError,
  type ObjectParameters,
  PermissionDeniedError,
  S3Storage,
  type S3StorageOptions,
  StorageError,
} from "../../mod.ts";
import { UNSIGNED_PAYLOAD } from "../../src/aws/amz_values.ts";
import { presignedPostForm } from "../../src/signing/mod.ts";
import { signRequest } from "../../src/signing/sign_request.ts";
import { pattern } from "../conformance/case.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";

const BUCKET = "parameters";
const MEBIBYTE = 1024 * 1024;
const CONTENT = pattern(6 * MEBIBYTE);

/** Sets a sub-resource of the bucket. */
async function configure(
  rgw: RgwServer,
  name: string,
  body: string,
  given: Record<string, string> = {},
): Promise<void> {
  const url = `${rgw.endpoint}/${BUCKET}?${name}=`;
  const headers = signRequest({
    method: "PUT",
    url,
    headers: given,
    payloadHash: UNSIGNED_PAYLOAD,
    credentials: { accessKeyId: rgw.accessKey, secretAccessKey: rgw.secretKey },
    region: "us-east-1",
    service: "s3",
    date: new Date(),
  });
  const response = await fetch(url, { method: "PUT", headers, body: new TextEncoder().encode(body) });
  const text = await response.text();
  assert(response.ok, `${name}: ${response.status} ${text}`);
}

type Open = (
  objectParameters?: ObjectParameters,
  options?: S3StorageOptions,
  storageClass?: new (options: S3StorageOptions) => S3Storage,
) => S3Storage;

async function ownKeys(open: Open): Promise<void> {
  const storage = open({ SSECustomerKey: "0123456789abcdef0123456789abcdef" });
  await storage.save("own.bin", CONTENT);
  assertEquals(await (await storage.open("own.bin", "rb")).bytes(), CONTENT);
  assertEquals((await assertRejects(() => open().size("own.bin"), StorageError)).status, 400);
  // RGW 16 cannot copy such objects. The in-memory server can, and checks both keys.
  await assertRejects(() => storage.copy("own.bin", "copy.bin"), NotSupportedError);
}

async function keysOfKms(open: Open): Promise<void> {
  const storage = open({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "testkey-1" });
  await storage.save("kms.txt", "hello");
  await storage.save("kms.bin", CONTENT);
  assertEquals(await (await open().open("kms.txt")).text(), "hello");
  assertEquals(await (await open().open("kms.bin", "rb")).bytes(), CONTENT);
  await assertRejects(
    () => open({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "none" }).save("x", "x"),
    StorageError,
  );
}

async function versions(open: Open): Promise<void> {
  const storage = open();
  await storage.save("versions.txt", "first");
  const { versionId: first } = await storage.stat("versions.txt");
  await storage.save("versions.txt", "the second");
  assertNotEquals(first, undefined);
  const old = open({ VersionId: first });
  assertEquals([await old.size("versions.txt"), await storage.size("versions.txt")], [5, 10]);
  await using file = await old.open("versions.txt");
  await file.seek(1);
  assertEquals(await file.text(), "irst");
  class Restoring extends S3Storage {
    override getObjectParameters(name: string): ObjectParameters {
      return name === "versions.txt" ? { VersionId: first } : {};
    }
  }
  await open({}, {}, Restoring).copy("versions.txt", "restored.txt");
  assertEquals(await (await storage.open("restored.txt")).text(), "first");
}

async function requesterPays(open: Open, secretKey: string): Promise<void> {
  await open({ ACL: "public-read" }).save("dear.txt", "worth it");
  await open().save("remove.txt", "");
  const other = { accessKey: "testkey2", secretKey };
  const stranger = open({}, other);
  for (const call of [() => stranger.open("dear.txt"), () => stranger.listdir(""), () => stranger.save("x", "x")]) {
    await assertRejects(call as () => Promise<unknown>, PermissionDeniedError);
  }
  const payer = open({ RequestPayer: "requester" }, other);
  await signedByPayer(stranger, payer);
  assertEquals(await (await payer.open("dear.txt")).text(), "worth it");
  assertEquals(await payer.size("dear.txt"), 8);
  assertEquals((await payer.listdir(""))[1].includes("dear.txt"), true);
  await payer.save("small.txt", "paid");
  await payer.save("large.bin", CONTENT);
  const file = await payer.open("aborted", "wb");
  await file.write(CONTENT);
  await file.abort();
  await payer.copy("small.txt", "copy.txt");
  await payer.delete("remove.txt");
  await payer.deleteMany(["small.txt", "copy.txt"]);
}

/** Links, forms and parts of uploads, which browsers use without headers. */
async function signedByPayer(stranger: S3Storage, payer: S3Storage): Promise<void> {
  const statusOf = async (url: string, init: RequestInit = {}): Promise<number> => {
    const response = await fetch(url, init);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await statusOf(await stranger.url("dear.txt")), 403);
  assertEquals(await statusOf(await payer.url("dear.txt")), 200);
  assertEquals(await statusOf(await payer.url("put.txt", { method: "PUT" }), { method: "PUT", body: "x" }), 200);
  const { uploadId, urls } = await payer.uploads.create("parts.txt", { size: 1 });
  assertEquals(await statusOf(urls[0]!, { method: "PUT", body: "x" }), 200);
  await payer.uploads.complete("parts.txt", uploadId);
  for (const [storage, status] of [[stranger, 403], [payer, 204]] as const) {
    const post = await storage.presignedPost("form.txt");
    assertEquals(await statusOf(post.url, { method: "POST", body: presignedPostForm(post, new Blob(["x"])) }), status);
  }
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Ceph RGW applies the parameters of requests${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const rgw = server as RgwServer;
    try {
      const { endpoint, accessKey, secretKey } = rgw;
      await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
      const open: Open = (objectParameters = {}, options = {}, storageClass = S3Storage) =>
        new storageClass({
          bucketName: BUCKET,
          endpointUrl: endpoint,
          accessKey,
          secretKey,
          objectParameters,
          transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE },
          ...options,
        });
      await context.step("SSE-C", () => ownKeys(open));
      await context.step("SSE-KMS", () => keysOfKms(open));
      await configure(rgw, "acl", "", { "x-amz-acl": "public-read-write" });
      await configure(
        rgw,
        "requestPayment",
        "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
      );
      await context.step("RequestPayer", () => requesterPays(open, `${secretKey}2`));
      await configure(rgw, "versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
      await context.step("VersionId", () => versions(open));
    } finally {
      await rgw.stop();
    }
  },
});
