/** What a client learns about regions and the clock: tried first, remembered on success, forgotten on failure. */
import { assertEquals, assertRejects } from "@std/assert";
import { headObject, putObject } from "../../../src/client/operations/objects.ts";
import type { S3Client } from "../../../src/client/s3_client.ts";
import { ConnectionError, ServiceError, StorageError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { type Answer, bareAnswer, clientOn, errorAnswer, networkError, scripted } from "../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const OK = bareAnswer(200, { etag: '"e"', "content-length": "0" });
const NOW = new Date("2026-01-31T12:00:00Z");
const LATER = "Thu, 01 Jan 2035 00:00:00 GMT";

const movedTo = (region: string): Response => bareAnswer(301, { "x-amz-bucket-region": region });

/** The responses of each region; other regions are unreachable. */
function regions(answers: Readonly<Record<string, Answer | undefined>>): Answer {
  return (request) => {
    const region = /s3\.(.*)\.amazonaws/.exec(new URL(request.url).host)?.[1] ?? "us-east-1";
    const answer = answers[region] ?? networkError();
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(request) : answer.clone();
  };
}

function clientIn(answers: Record<string, Answer | undefined>): { client: S3Client; hosts: () => string[] } {
  const transport = scripted(regions(answers));
  const client = clientOn(transport, { clientConfig: { maxAttempts: 1 }, now: () => NOW });
  return { client, hosts: () => transport.requests.splice(0).map(({ url }) => new URL(url).host.split(".")[2]!) };
}

Deno.test("a region is remembered once it responds, also with NoSuchKey", async () => {
  const missing = clientIn({ "us-east-1": movedTo("eu-west-1"), "eu-west-1": errorAnswer(404, "NoSuchKey") });
  await assertRejects(() => headObject(missing.client, TARGET));
  assertEquals(missing.client.regionOf("bucket"), "eu-west-1");
});

Deno.test("a region that is unreachable, fails or rejects the request is not remembered", async () => {
  const answers = [undefined, bareAnswer(500), bareAnswer(400), bareAnswer(403), movedTo("eu-west-2"), bareAnswer(307)];
  for (const answer of answers) {
    const { client } = clientIn({ "us-east-1": movedTo("eu-west-9"), "eu-west-9": answer });
    await assertRejects(() => headObject(client, TARGET));
    assertEquals(client.regionOf("bucket"), "us-east-1");
  }
});

Deno.test("a remembered region is forgotten if it is unreachable or redirects", async () => {
  for (const answer of [undefined, movedTo("cn-north-1"), movedTo("x.evil.com"), bareAnswer(301), bareAnswer(307)]) {
    const answers: Record<string, Answer | undefined> = { "us-east-1": movedTo("eu-west-1"), "eu-west-1": OK };
    const { client, hosts } = clientIn(answers);
    await headObject(client, TARGET);
    assertEquals(client.regionOf("bucket"), "eu-west-1");
    hosts();
    Object.assign(answers, { "us-east-1": OK, "eu-west-1": answer });
    await assertRejects(() => headObject(client, TARGET), StorageError);
    // A redirect without a region makes the client ask where the bucket is.
    const isUnnamed = answer?.headers.has("x-amz-bucket-region") === false;
    assertEquals(hosts(), isUnnamed ? ["eu-west-1", "amazonaws"] : ["eu-west-1"]);
    await headObject(client, TARGET);
    assertEquals(hosts(), ["amazonaws"]);
  }
});

Deno.test("a remembered region is forgotten if its signatures are rejected", async () => {
  const refusal = errorAnswer(403, "SignatureDoesNotMatch");
  const transport = scripted(movedTo("eu-west-1"), OK, refusal, OK);
  const client = clientOn(transport, { endpointUrl: "https://s3.example.com", clientConfig: { maxAttempts: 1 } });
  await headObject(client, TARGET);
  await assertRejects(() => headObject(client, TARGET), StorageError, "SignatureDoesNotMatch");
  await headObject(client, TARGET);
  const signed = transport.requests.map(({ headers }) => headers.get("authorization")!.split("/")[2]);
  assertEquals(signed, ["us-east-1", "eu-west-1", "eu-west-1", "us-east-1"]);
});

Deno.test("a remembered region is kept if it fails, denies access or lacks the object", async () => {
  for (const answer of [bareAnswer(500), bareAnswer(403), bareAnswer(404), bareAnswer(412)]) {
    const answers: Record<string, Answer | undefined> = { "us-east-1": movedTo("eu-west-1"), "eu-west-1": OK };
    const { client } = clientIn(answers);
    await headObject(client, TARGET);
    answers["eu-west-1"] = answer;
    await assertRejects(() => headObject(client, TARGET));
    assertEquals(client.regionOf("bucket"), "eu-west-1");
  }
});

Deno.test("a bucket that moves again is followed, and remembered where it responds", async () => {
  const answers: Record<string, Answer | undefined> = { "us-east-1": movedTo("eu-west-1"), "eu-west-1": OK };
  const { client } = clientIn(answers);
  await headObject(client, TARGET);
  Object.assign(answers, { "eu-west-1": movedTo("eu-west-2"), "eu-west-2": OK });
  await headObject(client, TARGET);
  assertEquals(client.regionOf("bucket"), "eu-west-2");
});

Deno.test("no response moves a bucket to another partition", async () => {
  for (
    const [from, to] of [["us-east-1", "us-gov-west-1"], ["us-gov-west-1", "us-east-1"], ["cn-north-1", "eu-west-1"], [
      "eu-west-1",
      "eusc-de-east-1",
    ]] as const
  ) {
    const transport = scripted(movedTo(to));
    const client = clientOn(transport, { regionName: from, clientConfig: { maxAttempts: 1 } });
    await assertRejects(() => headObject(client, TARGET), ServiceError);
    assertEquals([transport.requests.length, client.regionOf("bucket")], [1, from]);
  }
});

Deno.test("no response moves a bucket to a pseudo region, or to another partition in capitals", async () => {
  const names = ["fips-us-iso-east-1", "fips-cn-north-1", "fips-us-gov-west-1", "eu-west-1-fips", "aws-global"];
  for (const to of [...names, "US-GOV-west-1", "EUSC-de-east-1"]) {
    const transport = scripted(movedTo(to));
    const client = clientOn(transport, { regionName: "us-west-2", clientConfig: { maxAttempts: 1 } });
    await assertRejects(() => headObject(client, TARGET), ServiceError);
    assertEquals([transport.requests.length, client.regionOf("bucket")], [1, "us-west-2"], to);
  }
});

Deno.test("a custom endpoint may name any region to sign for, and receives the next request too", async () => {
  const transport = scripted(movedTo("cn-north-1"), OK);
  const client = clientOn(transport, { endpointUrl: "https://s3.example.com", clientConfig: { maxAttempts: 1 } });
  await headObject(client, TARGET);
  const seen = transport.requests.map(({ url, headers }) => [
    new URL(url).host,
    headers.get("authorization")!.split("/")[2],
  ]);
  assertEquals(seen, [["s3.example.com", "us-east-1"], ["s3.example.com", "cn-north-1"]]);
});

Deno.test("a client with FIPS endpoints stays on FIPS endpoints", async () => {
  const transport = scripted(movedTo("us-west-2"), OK);
  const client = clientOn(transport, { regionName: "fips-us-east-1", clientConfig: { maxAttempts: 1 } });
  await headObject(client, TARGET);
  assertEquals(transport.requests.map(({ url }) => new URL(url).host), [
    "bucket.s3-fips.us-east-1.amazonaws.com",
    "bucket.s3-fips.us-west-2.amazonaws.com",
  ]);
  const denied = scripted(bareAnswer(403, { "x-amz-bucket-region": "us-east-1" }));
  const own = clientOn(denied, { regionName: "fips-us-east-1", clientConfig: { maxAttempts: 1 } });
  await assertRejects(() => headObject(own, TARGET));
  assertEquals(denied.requests.length, 1); // it is the region that was used
});

Deno.test("a URL is signed for the region that responded", async () => {
  const answers: Record<string, Answer | undefined> = { "us-east-1": movedTo("eu-west-9") };
  const options = { bucketName: "bucket", accessKey: "AKID", secretKey: "secret", clientConfig: { maxAttempts: 1 } };
  const storage = new S3Storage({ ...options, now: () => NOW, fetch: scripted(regions(answers)).fetch });
  const before = storage.urlSync("a.txt");
  await assertRejects(() => storage.stat("a.txt"), ConnectionError);
  assertEquals([storage.urlSync("a.txt"), await storage.url("a.txt")], [before, before]);
  Object.assign(answers, { "us-east-1": movedTo("eu-west-1"), "eu-west-1": OK });
  await storage.stat("a.txt");
  assertEquals(new URL(storage.urlSync("a.txt")).host, "bucket.s3.eu-west-1.amazonaws.com");
});

Deno.test("a corrected clock is remembered if the service accepts it, and forgotten otherwise", async () => {
  let answer: (date: string) => Response = (date) => date.startsWith("2035") ? OK : bareAnswer(403, { date: LATER });
  const transport = scripted(({ headers }) => answer(headers.get("x-amz-date")!).clone());
  const client = clientOn(transport, { clientConfig: { maxAttempts: 1 }, now: () => NOW });
  await headObject(client, TARGET);
  assertEquals(client.now(), new Date(LATER));
  // From now on the server claims 2026 and rejects everything.
  answer = () => errorAnswer(403, "RequestTimeTooSkewed", { headers: { date: NOW.toUTCString() } });
  await assertRejects(() => headObject(client, TARGET));
  assertEquals(client.now(), NOW);
  // Its date gives no reason to correct the clock.
  answer = (date) => date.startsWith("2026") ? OK : errorAnswer(403, "RequestTimeTooSkewed");
  await headObject(client, TARGET);
  assertEquals([client.now(), transport.requests.length], [NOW, 5]);
});

Deno.test("a clock beyond the range of signatures is not adopted", async () => {
  for (const date of ["+275760-09-13T00:00:00Z", "+010000-01-01T00:00:00Z", "-000001-01-01T00:00:00Z"]) {
    const transport = scripted(bareAnswer(403, { date }), OK);
    const client = clientOn(transport, { clientConfig: { maxAttempts: 1 }, now: () => NOW });
    await assertRejects(() => headObject(client, TARGET), StorageError);
    assertEquals([transport.requests.length, client.now()], [1, NOW]);
  }
});

Deno.test("a 403 without a document does not correct the clock for a request with a body", async () => {
  const transport = scripted(bareAnswer(403, { date: LATER }));
  const client = clientOn(transport, { clientConfig: { maxAttempts: 1 }, now: () => NOW });
  await assertRejects(() => putObject(client, { ...TARGET, body: new Uint8Array(1), headers: {} }));
  assertEquals([transport.requests.length, client.now()], [1, NOW]);
});
