import { assertEquals } from "@std/assert";
import { AwsV4Signer } from "aws4fetch";
import { bucketAddress } from "../../../src/client/endpoint.ts";
import { urlQuery } from "../../../src/s3/url_parameters.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { encodeKey, encodeQuery } from "../../../src/signing/encode.ts";
import { presignUrl } from "../../../src/signing/presign.ts";
import { amzDate } from "../../../src/signing/signing_key.ts";
import { checkName } from "../../../src/storage/names.ts";
import { SeededRandom } from "../random.ts";

interface PresignVector {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
  readonly endpoint: string | null;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly bucket: string;
  readonly key: string;
  readonly method: "GET" | "PUT" | "DELETE" | "HEAD";
  readonly parameters: Readonly<Record<string, string>>;
  readonly expiresInSeconds: number;
  readonly now: string;
  readonly url: string;
}

const { vectors }: { vectors: PresignVector[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../vectors/sigv4_presigned.json", import.meta.url)),
);

function presigned(vector: PresignVector): string {
  const { accessKeyId, secretAccessKey, sessionToken, region, endpoint, addressingStyle, bucket } = vector;
  const endpointUrl = endpoint === null ? undefined : new URL(endpoint);
  const { origin, path } = bucketAddress({ endpointUrl, addressingStyle, useSsl: true }, region, bucket);
  return presignUrl({
    method: vector.method,
    origin,
    path: path + encodeKey(vector.key),
    query: urlQuery(vector.parameters),
    expiresInSeconds: vector.expiresInSeconds,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    region,
    service: "s3",
    date: new Date(vector.now),
  });
}

/** Whether a storage takes the key as a name as it is: not with empty, `.` or `..` segments. */
function isName(key: string): boolean {
  try {
    return checkName(key) === key;
  } catch {
    return false;
  }
}

Deno.test("presignUrl makes every vector's URL to the byte", () => {
  let passed = 0;
  for (const vector of vectors) {
    assertEquals(presigned(vector), vector.url);
    passed++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`presigned URLs: ${passed} of ${vectors.length}`);
});

Deno.test("S3Storage.url makes every vector's URL to the byte, where the key is a storage's name", async () => {
  let passed = 0;
  let names = 0;
  for (const vector of vectors) {
    if (!isName(vector.key)) {
      assertEquals(presigned(vector), vector.url);
      passed++;
      continue;
    }
    const storage = new S3Storage({
      bucketName: vector.bucket,
      regionName: vector.region,
      accessKey: vector.accessKeyId,
      secretKey: vector.secretAccessKey,
      addressingStyle: vector.addressingStyle,
      now: () => new Date(vector.now),
      ...(vector.sessionToken === null ? {} : { securityToken: vector.sessionToken }),
      ...(vector.endpoint === null ? {} : { endpointUrl: vector.endpoint }),
    });
    const { parameters, method, expiresInSeconds: expire } = vector;
    assertEquals(await storage.url(vector.key, { parameters, method, expire }), vector.url);
    passed++;
    names++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`S3Storage.url: ${passed} of ${vectors.length}, ${names} of them by a storage's name`);
});

Deno.test("presignUrl equals aws4fetch's query signature for 2,000 random keys, parameters and dates", async () => {
  const random = new SeededRandom(8);
  const alphabet = ["a", "Z", "0", " ", "+", "ñ", "日", "😀", "/", "~", "%41", "!*'()", "&=?#", ".", "-", "\n"];
  const names = ["versionId", "response-content-type", "response-expires", "partNumber", "X-amz", "a-b", "a", "AZ"];
  for (let i = 0; i < 2000; i++) {
    const path = `/${encodeKey(`k${random.text(alphabet, 0, 20)}`.replace(/\/\.+(?=\/|$)/g, "/x"))}`;
    const query = names.filter(() => random.below(3) === 0)
      .map((name): [string, string] => [name, random.text(alphabet, 0, 6)]);
    const date = new Date(random.below(2 ** 32) * 1000);
    const credentials = {
      accessKeyId: "AKIDEXAMPLE",
      secretAccessKey: random.text(["s", "+", "/", "K"], 1, 100),
      ...(random.below(2) === 0 ? {} : { sessionToken: random.text(["T", "+", "/", "="], 1, 40) }),
    };
    const region = random.pick(["us-east-1", "eu-west-1", "auto"]);
    const origin = random.pick(["https://b.s3.amazonaws.com", "http://localhost:9000", "https://h.example:8443"]);
    const expiresInSeconds = 1 + random.below(604_800);
    const url = presignUrl({
      method: random.pick(["GET", "PUT"]),
      origin,
      path,
      query,
      expiresInSeconds,
      credentials,
      region,
      service: "s3",
      date,
    });
    const ours = new URL(url);
    const reference = await new AwsV4Signer({
      ...credentials,
      method: "GET",
      url: `${origin}${path}?${encodeQuery([...query, ["X-Amz-Expires", String(expiresInSeconds)]])}`,
      region,
      service: "s3",
      datetime: amzDate(date),
      signQuery: true,
    }).sign();
    const expected = reference.url.searchParams.get("X-Amz-Signature");
    const again = presignUrl({
      method: "GET",
      origin,
      path,
      query,
      expiresInSeconds,
      credentials,
      region,
      service: "s3",
      date,
    });
    assertEquals(new URL(again).searchParams.get("X-Amz-Signature"), expected, again);
    assertEquals(ours.searchParams.get("X-Amz-Date"), amzDate(date));
  }
});

Deno.test("presignUrl binds the method, the expiry and the key", () => {
  const vector = vectors[0]!;
  const signature = (changed: Partial<PresignVector>): string | null =>
    new URL(presigned({ ...vector, ...changed })).searchParams.get("X-Amz-Signature");
  const all = [{}, { method: "PUT" as const }, { expiresInSeconds: 61 }, { key: "other" }, { bucket: "other" }];
  assertEquals(new Set(all.map(signature)).size, all.length);
});
