/** Ceph RGW with requests signed by SigV2 in headers, and with a wrong clock. */
import { assertEquals, assertRejects } from "@std/assert";
import { request as httpRequest } from "node:http";
import { IntegrityError, S3Storage, type S3StorageOptions, UnauthenticatedError } from "../../mod.ts";
import { collect, pattern, streamOf } from "../conformance/case.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { ODD_KEYS } from "./odd_keys.ts";

const BUCKET = "version-two";
const MEBIBYTE = 1024 * 1024;

/** Creates a storage whose requests may be changed after they are signed. */
type Open = (options?: S3StorageOptions, change?: (request: Request) => Request) => S3Storage;

async function everyOperation(open: Open, key: string): Promise<void> {
  const storage = open({ objectParameters: { Metadata: { b: "2", a: "1" }, CacheControl: "no-store" } });
  await storage.save(key, "storage contents", { contentType: "text/x-test" });
  const stat = await storage.stat(key);
  assertEquals([stat.size, stat.contentType, stat.metadata], [16, "text/x-test", { a: "1", b: "2" }]);
  await using file = await storage.open(key);
  await file.seek(8);
  assertEquals(await file.text(), "contents");
  await storage.copy(key, "copied/copy");
  assertEquals(await (await storage.open("copied/copy")).text(), "storage contents");
  const names = (await collect(storage.list("", { recursive: true }))).map(({ name }) => name);
  assertEquals(names.toSorted(), [key, "copied/copy"].toSorted());
  await storage.deleteMany([key, "copied/copy"]);
  assertEquals(await storage.exists(key), false);
  await storage.delete(key);
}

async function inParts(open: Open, peer: S3Peer): Promise<void> {
  const storage = open({ transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE } });
  const content = pattern(11 * MEBIBYTE + 17);
  await storage.save("parts +.bin", streamOf(content, 1_000_003));
  const stored = await (await storage.open("parts +.bin", "rb")).bytes();
  assertEquals(stored.every((byte, index) => byte === content[index]) && stored.length, content.length);
  const file = await storage.open("aborted", "wb");
  await file.write(content);
  await file.abort();
  assertEquals(await peer.openUploads(storage.location), []);
  await storage.delete("parts +.bin");
}

/** Changes of a signed request, each of which must be refused. */
const CHANGES: Readonly<Record<string, (request: Request) => Request>> = {
  "another key": (request) => new Request(request.url.replace("a.txt", "b.txt"), request),
  "another sub-resource": (request) => new Request(`${request.url}?acl`, request),
  "another type": (request) => withHeader(request, "content-type", "text/html"),
  "other metadata": (request) => withHeader(request, "x-amz-meta-owner", "eve"),
  "one more header": (request) => withHeader(request, "x-amz-acl", "public-read"),
  "another date": (request) => withHeader(request, "x-amz-date", new Date(Date.now() - 60_000).toUTCString()),
  "another signature": (request) => withHeader(request, "authorization", `AWS testkey:${btoa("x".repeat(20))}`),
  "another user": (request) =>
    withHeader(request, "authorization", request.headers.get("authorization")!.replace("testkey", "testkey2")),
};

function withHeader(request: Request, name: string, value: string): Request {
  const changed = new Request(request);
  changed.headers.set(name, value);
  return changed;
}

async function refusals(open: Open): Promise<void> {
  for (const [what, change] of Object.entries(CHANGES)) {
    const save = (): Promise<string> => open({}, change).save("a.txt", "hello", { metadata: { owner: "ada" } });
    const error = await assertRejects(save, UnauthenticatedError);
    assertEquals([error.status, error.s3Code], [403, "SignatureDoesNotMatch"], what);
  }
  const damage = (request: Request): Request => new Request(request, { body: "hellO" });
  await assertRejects(() => open({ clientConfig: { maxAttempts: 1 } }, damage).save("a.txt", "hello"), IntegrityError);
  await assertRejects(() => open({ secretKey: "wrong" }).save("a.txt", "hello"), UnauthenticatedError);
  assertEquals(await open().exists("a.txt"), false);
}

/** A wrong clock is refused once, and corrected by that of the server for all later requests. */
async function wrongClock(open: Open, hours: number): Promise<void> {
  const dates: string[] = [];
  const now = (): Date => new Date(Date.now() + hours * 3_600_000);
  const watch = (request: Request): Request => (dates.push(request.headers.get("x-amz-date")!), request);
  const storage = open({ now }, watch);
  assertEquals(await storage.exists("none"), false);
  assertEquals([dates.length, dates[0] === dates[1]], [2, false]);
  await storage.save("a.txt", "x");
  await storage.delete("a.txt");
  assertEquals(dates.length, 4);
}

/** Sends a request for `BUCKET.localhost` to loopback, as not every resolver does. */
async function sendToLoopback(request: Request): Promise<Response> {
  const { host, port, pathname, search } = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const headers = { ...Object.fromEntries(request.headers), host, "content-length": String(body.length) };
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const options = {
    host: "127.0.0.1",
    port,
    method: request.method,
    path: pathname + search,
    headers,
    agent: false as const,
  };
  httpRequest(options, async (answer) => {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for await (const chunk of answer) chunks.push(new Uint8Array(chunk));
    const { statusCode: status = 0, headers } = answer;
    const hasNoBody = status === 204 || request.method === "HEAD";
    resolve(new Response(hasNoBody ? null : new Blob(chunks), { status, headers: headers as Record<string, string> }));
  }).on("error", reject).end(body);
  return await promise;
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Ceph RGW accepts our SigV2 requests, and refuses changed ones${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const { endpoint, accessKey, secretKey, stop } = server as RgwServer;
    try {
      const peer = new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET });
      await peer.createBucket();
      for (const signatureVersion of ["s3", "s3v4"] as const) {
        const open: Open = (options = {}, change = (request) => request) =>
          new S3Storage({
            bucketName: BUCKET,
            location: crypto.randomUUID(),
            endpointUrl: endpoint,
            accessKey,
            secretKey,
            signatureVersion,
            fetch: (request) => {
              const scheme = request.headers.get("authorization")!.split(" ")[0];
              assertEquals(scheme, signatureVersion === "s3" ? "AWS" : "AWS4-HMAC-SHA256");
              return fetch(change(request));
            },
            ...options,
          });
        for (const hours of [-1, 1]) {
          await context.step(
            `${signatureVersion}: a clock that is off by ${hours} hours`,
            () => wrongClock(open, hours),
          );
        }
        const virtual: Open = (options) =>
          open({
            endpointUrl: endpoint.replace("127.0.0.1", "localhost"),
            addressingStyle: "virtual",
            fetch: sendToLoopback,
            ...options,
          });
        await context.step(
          `${signatureVersion}: the bucket in the host name`,
          () => everyOperation(virtual, ODD_KEYS[1]!),
        );
        if (signatureVersion !== "s3") continue;
        for (const key of ODD_KEYS) await context.step(key, () => everyOperation(open, key));
        await context.step("in parts", () => inParts(open, peer));
        await context.step("changed requests", () => refusals(open));
      }
    } finally {
      await stop();
    }
  },
});
