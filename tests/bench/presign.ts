/** Creates presigned GET URLs with libraries that run on every runtime. */
import { AwsV4Signer } from "aws4fetch";
import { S3Storage } from "../../mod.ts";
import { Presigner } from "../../src/signing/mod.ts";
import type { Contender } from "./rounds.ts";

export const EXPIRES_IN_SECONDS = 3600;

const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const region = "eu-west-1";
const bucket = "media";
const endpoint = "https://s3.eu-west-1.amazonaws.com";
const bucketUrl = `${endpoint}/${bucket}`;

/** The options of clients. */
export const CLIENT_OPTIONS = { endpoint, region, bucket, accessKeyId, secretAccessKey };

/** The name of the contender in the targets. */
export const OURS = "storage.urlSync";

/** Creates the URL of the object of a number. */
type MakeUrl = (index: number) => string | Promise<string>;

/** The contenders of every runtime. */
export async function presignContenders(): Promise<Contender[]> {
  const storage = new S3Storage({
    bucketName: bucket,
    regionName: region,
    endpointUrl: endpoint,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
  });
  const credentials = { accessKeyId, secretAccessKey };
  const presigner = new Presigner({ bucketUrl, region, credentials });
  const options = { expiresIn: EXPIRES_IN_SECONDS };
  return [
    await contender(OURS, 10_000, (index) => storage.urlSync(keyOf(index), { expiresIn: EXPIRES_IN_SECONDS })),
    await contender("Presigner.url", 10_000, (index) => presigner.url(keyOf(index), options)),
    await contender("storage.url", 1_000, (index) => storage.url(keyOf(index), { expiresIn: EXPIRES_IN_SECONDS })),
    await contender("aws4fetch", 100, async (index) => {
      const url = `${bucketUrl}/${keyOf(index)}?X-Amz-Expires=${EXPIRES_IN_SECONDS}`;
      return (await new AwsV4Signer({ ...credentials, url, region, service: "s3", signQuery: true }).sign()).url.href;
    }),
  ];
}

/**
 * A contender that creates one URL after the other.
 *
 * @throws {Error} If the result is not a presigned URL of the object.
 */
export async function contender(name: string, batch: number, url: MakeUrl): Promise<Contender> {
  const { pathname, searchParams } = new URL(await url(1));
  const expires = searchParams.get("X-Amz-Expires");
  const signature = searchParams.get("X-Amz-Signature") ?? "";
  if (
    pathname !== `/${bucket}/${keyOf(1)}` || expires !== `${EXPIRES_IN_SECONDS}` || !/^[\da-f]{64}$/.test(signature)
  ) {
    throw new Error(`${name} signs something else: ${pathname}, ${searchParams}`);
  }
  // Engines concatenate a string when it is first read, so each URL is read to include that time.
  let read = 0;
  const use = (made: string): void => {
    read += made.charCodeAt(made.length - 1);
  };
  const awaited = async (from: number, count: number): Promise<void> => {
    for (let index = from; index < from + count; index++) use(await url(index));
  };
  const run = (from: number, count: number): unknown => {
    for (let index = from; index < from + count; index++) {
      const made = url(index);
      // Awaiting a plain value would slow down synchronous contenders.
      if (typeof made !== "string") return made.then(use).then(() => awaited(index + 1, from + count - index - 1));
      use(made);
    }
    return read;
  };
  return { name, batch, run };
}

/** A different key for every object. */
export function keyOf(index: number): string {
  return `albums/2026/${index}/thumbnail.jpg`;
}
