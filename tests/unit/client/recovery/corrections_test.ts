/** Buckets in regions that the response does not name: HeadBucket tells, as in botocore. */
import { assertEquals, assertRejects } from "@std/assert";
import { listPages } from "../../../../src/client/operations/list_objects.ts";
import { deleteObject, headObject, putObject } from "../../../../src/client/operations/objects.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { ServiceError, StorageError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { HeldTime, until } from "../../held_time.ts";
import { type Answer, bareAnswer, clientOn, errorAnswer, networkError, scripted, silence } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const PUT = { ...TARGET, body: new Uint8Array(3), headers: {} };
const OK = bareAnswer(200, { "x-amz-request-id": "1", etag: '"e"', "content-length": "0" });
const HOME = { "x-amz-bucket-region": "eu-south-2" };

/** Where a request went, and the region it was signed for. */
function placeOf({ method, url, headers }: Request): string {
  const { host, pathname, search } = new URL(url);
  return `${method} ${host}${pathname}${search} ${headers.get("authorization")?.split("/")[2]}`;
}

/** A bucket in eu-south-2. Elsewhere `moved` is the response to requests for its objects, and `head` the response to HeadBucket. */
function stage(
  moved: Answer,
  head: Answer,
  options: S3StorageOptions = {},
): { client: S3Client; places: () => string[] } {
  const answer = (given: Answer, request: Request): Response | Promise<Response> => {
    if (given instanceof Error) throw given;
    return typeof given === "function" ? given(request) : given.clone();
  };
  const transport = scripted((request) => {
    if (placeOf(request).endsWith(" eu-south-2")) return OK.clone();
    const isBucket = request.method === "HEAD" && new URL(request.url).pathname.replace("/bucket", "") === "/";
    return answer(isBucket ? head : moved, request);
  });
  const client = clientOn(transport, { securityToken: undefined, clientConfig: { maxAttempts: 1 }, ...options });
  return { client, places: () => transport.requests.splice(0).map(placeOf) };
}

const MOVED: Readonly<Record<string, Response>> = {
  "301 PermanentRedirect": errorAnswer(301, "PermanentRedirect", {
    elements: "<Endpoint>bucket.s3.eu-south-2.amazonaws.com</Endpoint><Bucket>bucket</Bucket>",
  }),
  "307 TemporaryRedirect": errorAnswer(307, "TemporaryRedirect", {
    headers: { location: "https://bucket.s3.eu-south-2.amazonaws.com/a.txt" },
  }),
  "301 without a document": bareAnswer(301),
  "302 of S3": bareAnswer(302, {
    "x-amz-request-id": "1",
    location: "https://bucket.s3.eu-south-2.amazonaws.com/a.txt",
  }),
  "307 without a document": bareAnswer(307),
  "400 IllegalLocationConstraintException": errorAnswer(400, "IllegalLocationConstraintException", {
    message:
      "The eu-south-2 location constraint is incompatible for the region specific endpoint this request was sent to",
  }),
};

for (const [what, moved] of Object.entries(MOVED)) {
  Deno.test(`a bucket's region is asked for after ${what} without a region, and remembered`, async () => {
    const { client, places } = stage(moved, bareAnswer(301, HOME));
    await putObject(client, PUT);
    await putObject(client, PUT);
    assertEquals(places(), [
      "PUT bucket.s3.amazonaws.com/a.txt us-east-1",
      "HEAD bucket.s3.amazonaws.com/ us-east-1",
      "PUT bucket.s3.eu-south-2.amazonaws.com/a.txt eu-south-2",
      "PUT bucket.s3.eu-south-2.amazonaws.com/a.txt eu-south-2",
    ]);
  });
}

for (const status of [200, 301, 307, 400, 403, 404]) {
  Deno.test(`HeadBucket may name the region with status ${status}`, async () => {
    const { client, places } = stage(bareAnswer(301), bareAnswer(status, HOME));
    await deleteObject(client, TARGET);
    assertEquals([places().length, client.regionOf("bucket")], [3, "eu-south-2"]);
  });
}

Deno.test("a bare 400 or 301 for HEAD makes the client ask for the region, whichever object is meant", async () => {
  for (const status of [400, 301]) {
    const { client, places } = stage(bareAnswer(status), bareAnswer(400, HOME));
    await headObject(client, TARGET);
    assertEquals(places().at(-1), "HEAD bucket.s3.eu-south-2.amazonaws.com/a.txt eu-south-2");
  }
});

Deno.test("a listing follows its bucket, and a custom endpoint is signed for the region that HeadBucket names", async () => {
  const listing = stage(errorAnswer(301, "PermanentRedirect"), bareAnswer(403, HOME));
  await assertRejects(
    () => listPages(listing.client, { bucket: "bucket", prefix: "" }).next(),
    ServiceError,
    "ListObjectsV2",
  );
  assertEquals(listing.places().map((place) => place.split(" ").at(-1)), ["us-east-1", "us-east-1", "eu-south-2"]);
  const custom = stage(bareAnswer(307), bareAnswer(200, HOME), { endpointUrl: "https://s3.example.com" });
  await putObject(custom.client, PUT);
  assertEquals(custom.places(), [
    "PUT s3.example.com/bucket/a.txt us-east-1",
    "HEAD s3.example.com/bucket/ us-east-1",
    "PUT s3.example.com/bucket/a.txt eu-south-2",
  ]);
});

Deno.test("a client with FIPS endpoints stays on them when HeadBucket names the region", async () => {
  const { client, places } = stage(bareAnswer(301), bareAnswer(301, { "x-amz-bucket-region": "us-west-2" }), {
    regionName: "fips-us-east-1",
  });
  await assertRejects(() => putObject(client, PUT));
  assertEquals(places().map((place) => place.split(" ")[1]), [
    "bucket.s3-fips.us-east-1.amazonaws.com/a.txt",
    "bucket.s3-fips.us-east-1.amazonaws.com/",
    "bucket.s3-fips.us-west-2.amazonaws.com/a.txt",
  ]);
});

Deno.test("the failure of the request is reported if HeadBucket does not name another region", async () => {
  const heads: readonly Answer[] = [
    bareAnswer(200),
    bareAnswer(301),
    bareAnswer(403),
    bareAnswer(503),
    networkError(),
    bareAnswer(301, { "x-amz-bucket-region": "us-east-1" }),
    bareAnswer(301, { "x-amz-bucket-region": "cn-north-1" }),
    bareAnswer(301, { "x-amz-bucket-region": "evil.example/x?" }),
    bareAnswer(301, { "x-amz-bucket-region": "fips-eu-west-1" }),
  ];
  for (const head of heads) {
    const { client, places } = stage(errorAnswer(301, "PermanentRedirect"), head, {
      clientConfig: { maxAttempts: 1, maxNetworkAttempts: 1 },
    });
    await assertRejects(
      () => putObject(client, PUT),
      ServiceError,
      "PutObject of bucket/a.txt failed: PermanentRedirect",
    );
    assertEquals([places().length, client.regionOf("bucket")], [2, "us-east-1"]);
  }
});

Deno.test("the region is asked for once per request, and not where the response names one", async () => {
  const always = scripted(({ url }) =>
    new URL(url).pathname === "/" ? bareAnswer(301, { "x-amz-bucket-region": "eu-west-1" }) : bareAnswer(301)
  );
  const options = { securityToken: undefined, clientConfig: { maxAttempts: 1 } };
  await assertRejects(() => putObject(clientOn(always, options), PUT), StorageError);
  assertEquals(always.requests.length, 3);
  const named = stage(bareAnswer(301, { "x-amz-bucket-region": "us-east-1" }), bareAnswer(301, HOME));
  await assertRejects(() => putObject(named.client, PUT), StorageError);
  assertEquals(named.places().length, 1);
});

Deno.test("the region is not asked for after other failures, for an access point, or to create or find a bucket", async () => {
  const answers = [errorAnswer(400, "InvalidRequest"), errorAnswer(403, "AccessDenied"), bareAnswer(404)];
  for (const answer of answers) {
    const { client, places } = stage(answer, bareAnswer(301, HOME));
    await assertRejects(() => putObject(client, PUT), StorageError);
    assertEquals(places().length, 1);
  }
  const { client, places } = stage(bareAnswer(301), bareAnswer(301, HOME));
  const arn = "arn:aws:s3:us-west-2:123456789012:accesspoint/point";
  await assertRejects(() => putObject(client, { ...PUT, bucket: arn }), StorageError);
  assertEquals(places().length, 1);
  const conflict = scripted(errorAnswer(400, "IllegalLocationConstraintException"), OK);
  const storage = new S3Storage({ bucketName: "bucket", accessKey: "A", secretKey: "s", fetch: conflict.fetch });
  await assertRejects(() => storage.request({ method: "PUT" }), StorageError, "IllegalLocationConstraintException");
  assertEquals(conflict.requests.length, 1);
  const nowhere = scripted(bareAnswer(301));
  const finding = new S3Storage({ bucketName: "bucket", accessKey: "A", secretKey: "s", fetch: nowhere.fetch });
  await assertRejects(() => finding.request({ method: "HEAD" }), StorageError);
  assertEquals(nowhere.requests.length, 1);
});

Deno.test("an abort ends the question for the region with its reason", async () => {
  const reason = new Error("stop");
  const stop = new AbortController();
  const { client } = stage(bareAnswer(301), () => {
    stop.abort(reason);
    return bareAnswer(301, HOME);
  });
  assertEquals(await putObject(client, { ...PUT, signal: stop.signal }).catch((error) => error), reason);
});

Deno.test("the question for the region ends with the time limit of the request", async () => {
  using time = new HeldTime();
  const transport = scripted(
    () => new Promise((resolve) => setTimeout(() => resolve(bareAnswer(301)), 20_000)),
    silence,
  );
  const client = clientOn(transport, { clientConfig: { callTimeout: 30, maxNetworkAttempts: 100 } });
  let outcome = "pending";
  const putting = putObject(client, PUT).catch((error) => outcome = error.message);
  await until(() => transport.requests.length === 1);
  await time.pass(20_000);
  await until(() => transport.requests.length === 2);
  await time.pass(9_000);
  assertEquals(outcome, "pending");
  await time.pass(2_000);
  await putting;
  assertEquals([outcome, transport.requests.length], ["PutObject of bucket/a.txt failed: status 301", 2]);
});
