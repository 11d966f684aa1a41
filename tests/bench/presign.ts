// deno-lint-ignore-file no-console no-import-prefix -- it prints what it measured; only this needs the other signers
/**
 * Presigned GET URLs a second: our bare presigner and `S3Storage.url`, beside lean-s3, the AWS SDK, aws4fetch, and Bun's own
 * client on Bun.
 *
 * Deno runs it as it is: `deno run -A tests/offline/run.ts run -A tests/bench/presign.ts`. For Bun and Node it is bundled:
 * `deno run -A tests/offline/run.ts bundle --platform deno -o tests/.build/bench_presign.mjs tests/bench/presign.ts`.
 */
import { GetObjectCommand, S3Client as AwsClient } from "npm:@aws-sdk/client-s3@^3.1169.0";
import { getSignedUrl } from "npm:@aws-sdk/s3-request-presigner@^3.1163.0";
import { AwsV4Signer } from "aws4fetch";
import { S3Client as LeanClient } from "npm:lean-s3@^0.6.3";
import { S3Storage } from "../../mod.ts";
import { Presigner } from "../../src/signing/mod.ts";

const ROUNDS = 7;
const TURN_MILLISECONDS = 300;
const EXPIRES_IN_SECONDS = 3600;

interface Contender {
  readonly name: string;
  /** How many URLs a turn makes between looks at the clock. */
  readonly batch: number;
  /** Makes the URL of the object of that number. */
  readonly url: (index: number) => string | Promise<string>;
}

interface BunLike {
  readonly S3Client: new (options: Record<string, string>) => {
    presign(key: string, options: { expiresIn: number; method: string }): string;
  };
}

const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
const secretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const credentials = { accessKeyId, secretAccessKey };
const region = "eu-west-1";
const bucket = "media";
const endpoint = "https://s3.eu-west-1.amazonaws.com";
const bucketUrl = `${endpoint}/${bucket}`;

const presigner = new Presigner({ bucketUrl, region, credentials });
const storage = new S3Storage({
  bucketName: bucket,
  regionName: region,
  endpointUrl: endpoint,
  accessKey: accessKeyId,
  secretKey: secretAccessKey,
});
const lean = new LeanClient({ endpoint, region, bucket, accessKeyId, secretAccessKey });
const aws = new AwsClient({ endpoint, region, credentials, forcePathStyle: true });

const ours: Contender = {
  name: "Presigner.url",
  batch: 500,
  url: (index) => presigner.url(keyOf(index), { expiresInSeconds: EXPIRES_IN_SECONDS }),
};
const whole: Contender = {
  name: "S3Storage.url",
  batch: 500,
  url: (index) => storage.url(keyOf(index), { expire: EXPIRES_IN_SECONDS }),
};
const leanS3: Contender = {
  name: "lean-s3",
  batch: 500,
  url: (index) => lean.presign(keyOf(index), { method: "GET", expiresIn: EXPIRES_IN_SECONDS }),
};
const sdk: Contender = {
  name: "@aws-sdk/s3-request-presigner",
  batch: 20,
  url: (index) =>
    getSignedUrl(aws, new GetObjectCommand({ Bucket: bucket, Key: keyOf(index) }), { expiresIn: EXPIRES_IN_SECONDS }),
};
const aws4fetch: Contender = {
  name: "aws4fetch",
  batch: 50,
  url: async (index) => {
    const url = `${bucketUrl}/${keyOf(index)}?X-Amz-Expires=${EXPIRES_IN_SECONDS}`;
    return (await new AwsV4Signer({ ...credentials, url, region, service: "s3", signQuery: true }).sign()).url.href;
  },
};

const contenders = [leanS3, ours, whole, sdk, aws4fetch];
const { Bun: bun } = globalThis as { Bun?: BunLike };
let native: Contender | undefined;
if (bun !== undefined) {
  const client = new bun.S3Client({ endpoint, region, bucket, accessKeyId, secretAccessKey });
  const options = { expiresIn: EXPIRES_IN_SECONDS, method: "GET" };
  native = { name: "Bun.S3Client", batch: 500, url: (index) => client.presign(keyOf(index), options) };
  contenders.splice(1, 0, native);
}

for (const { name, url } of contenders) {
  const { pathname, searchParams } = new URL(await url(1));
  if (pathname !== `/${bucket}/${keyOf(1)}` || searchParams.get("X-Amz-Signature")?.length !== 64) {
    throw new Error(`${name} signs something else: ${pathname}`);
  }
}
const rates = new Map(contenders.map((contender): [Contender, number[]] => [contender, []]));
for (const contender of contenders) await measure(contender);
for (let round = 0; round < ROUNDS; round++) {
  for (const contender of contenders) rates.get(contender)!.push(await measure(contender));
}

for (const [{ name }, perRound] of rates) {
  console.log(`${name}: ${Math.round(median(perRound)).toLocaleString("en")} URLs/s`);
}
for (const one of [ours, whole]) {
  console.log(`${one.name}, times lean-s3: ${ratio(one, leanS3)} (2.5 on Deno and Node)`);
  console.log(`${one.name}, times @aws-sdk/s3-request-presigner: ${ratio(one, sdk)} (40)`);
  console.log(`${one.name}, times aws4fetch: ${ratio(one, aws4fetch)}`);
  if (native !== undefined) console.log(`${one.name}, times Bun's S3Client: ${ratio(one, native)} (1.5)`);
}

/** The median of the ratios of each round, as both took their turns in it one after the other: a slow spell meets both. */
function ratio(one: Contender, other: Contender): string {
  return median(rates.get(one)!.map((rate, round) => rate / rates.get(other)![round]!)).toFixed(2);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function measure({ url, batch }: Contender): Promise<number> {
  const start = performance.now();
  let done = 0;
  let elapsed = 0;
  while (elapsed < TURN_MILLISECONDS) {
    for (const end = done + batch; done < end; done++) {
      const made = url(done);
      // Awaiting what is there already would be charged to those who do not wait.
      if (typeof made !== "string") await made;
    }
    elapsed = performance.now() - start;
  }
  return done * 1000 / elapsed;
}

function keyOf(index: number): string {
  return `albums/2026/${index}/thumbnail.jpg`;
}
