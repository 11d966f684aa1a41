/** Requests that succeeded although their response was lost; runtimes silently repeat some of them. */
import { assertEquals, assertRejects } from "@std/assert";
import { AlreadyExistsError, ConnectionError, NotFoundError, ServiceError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { writeWhole } from "../../../src/transfer/write/write_whole.ts";
import type { PartPlan } from "../../../src/transfer/write/write_parameters.ts";
import { HttpSocket } from "../../fakes/http_socket.ts";
import { patternBytes } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { errorAnswer, networkError, withoutWaiting } from "../transport.ts";
import { UploadServer } from "./upload_server.ts";

const TARGET = { bucket: "bucket", key: "a.bin" };
const PLAN: PartPlan = { multipartThreshold: 100, partSize: 100, maxConcurrency: 3 };
const KEEP = { headers: {}, overwrite: false };

/** Performs the first request that matches, and sends another response. */
function losing(
  matches: (request: Request, query: URLSearchParams) => boolean,
  answer: Response | Error,
): UploadServer {
  let lost = false;
  const up: UploadServer = new UploadServer(async (request, query) => {
    if (lost || !matches(request, query)) return undefined;
    lost = true;
    await up.server.fetch(request);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return up;
}

const isPut = ({ method }: Request): boolean => method === "PUT";
const isComplete = ({ method }: Request, query: URLSearchParams): boolean => method === "POST" && query.has("uploadId");

for (const [what, answer] of [["an error", errorAnswer(500, "InternalError")], ["none", networkError()]] as const) {
  Deno.test(`an object that must not overwrite is stored once, even if the response is ${what}`, async () => {
    await using up = losing(isPut, answer);
    await withoutWaiting(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(10)));
    assertEquals(up.operations, ["PutObject", "PutObject", "HeadObject"]);
    assertEquals(up.server.objects("bucket")[0]?.bytes, patternBytes(10));
    const again = writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(10));
    await assertRejects(() => again, AlreadyExistsError, undefined, "the same bytes are not the same object");
  });

  Deno.test(`parts that must not overwrite are published once, even if the response is ${what}`, async () => {
    await using up = losing(isComplete, answer);
    await withoutWaiting(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(250)));
    assertEquals(up.server.objects("bucket")[0]?.bytes, patternBytes(250));
    assertEquals(up.server.openUploads("bucket"), []);
  });
}

Deno.test("an existing object of equal parts is not taken for the own one", async () => {
  await using up: UploadServer = new UploadServer(async (request, query) => {
    // Another client stores the same parts just before these are published.
    if (isComplete(request, query) && request.headers.has("if-none-match")) {
      await writeWhole(up.client, TARGET, { ...KEEP, overwrite: true }, PLAN, patternBytes(250));
    }
    return undefined;
  });
  await assertRejects(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(250)), AlreadyExistsError);
  assertEquals(up.server.openUploads("bucket"), []);
});

Deno.test("a network error is thrown if the stored object cannot be identified", async () => {
  let puts = 0;
  await using up: UploadServer = new UploadServer(async (request) => {
    if (request.method === "HEAD") throw networkError();
    if (puts++ > 0) return undefined;
    await up.server.fetch(request);
    throw networkError();
  });
  const writing = withoutWaiting(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(10)));
  await assertRejects(() => writing, ConnectionError);
});

Deno.test("the mark of a write is not visible", async () => {
  await using up = new UploadServer();
  const storage = s3On(up, { bucketName: "bucket", fileOverwrite: false });
  await storage.save("a.txt", "storage contents", { metadata: { owner: "ada" } });
  assertEquals((await storage.stat("a.txt")).metadata, { owner: "ada" });
});

Deno.test("a save that the runtime sends twice after a broken connection stores one file", async () => {
  await using up = new UploadServer();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const endpointUrl = `http://127.0.0.1:${listener.addr.port}`;
  const sent: string[] = [];
  const serve = async (socket: HttpSocket): Promise<void> => {
    for (;;) {
      const head = await socket.readHead();
      if (head === undefined) return socket.close();
      const { method, target, headers } = head;
      sent.push(method);
      const body = await socket.readBody(Number(headers.get("content-length") ?? 0));
      const init = { method, headers, body: method === "HEAD" ? null : body };
      const response = await up.server.fetch(new Request(endpointUrl + target, init));
      // The first write on a reused connection is performed without a response.
      if (method === "PUT" && sent.filter((method) => method === "PUT").length === 1) return socket.close();
      const answer = await response.bytes();
      if (method !== "HEAD") response.headers.set("content-length", `${answer.length}`);
      await socket.answer(response.status, response.headers, answer);
    }
  };
  const serving: Promise<void>[] = [];
  const sockets: HttpSocket[] = [];
  const accepting = (async (): Promise<void> => {
    for await (const connection of listener) {
      sockets.push(new HttpSocket(connection));
      serving.push(serve(sockets.at(-1)!));
    }
  })();
  const keys = { accessKey: "testkey", secretKey: "testsecret" };
  const storage = new S3Storage({ bucketName: "bucket", endpointUrl, fileOverwrite: false, ...keys });
  assertEquals(await storage.save("a.txt", "storage contents"), "a.txt");
  assertEquals(sent, ["HEAD", "PUT", "PUT", "HEAD"]);
  assertEquals(up.server.objects("bucket").map(({ key }) => key), ["a.txt"]);
  listener.close();
  for (const socket of sockets) socket.close();
  await Promise.all([accepting, ...serving]);
});

Deno.test("files that cannot be deleted together fail one by one, each with its key", async () => {
  const storage = s3On({ fetch: () => Promise.resolve(errorAnswer(400, "MalformedXML")) });
  const error = await storage.deleteMany(["a.txt", "b.txt"]).catch((error) => error);
  assertEquals(error.message, "2 files could not be deleted");
  assertEquals(error.errors.map((error: ServiceError) => [error.constructor, error.key, error.s3Code]), [
    [ServiceError, "a.txt", "MalformedXML"],
    [ServiceError, "b.txt", "MalformedXML"],
  ]);
});

Deno.test("an upload that ended without an object was not completed", async () => {
  await using up = new UploadServer((request, query) => {
    return isComplete(request, query) ? errorAnswer(404, "NoSuchUpload") : undefined;
  });
  await assertRejects(() => writeWhole(up.client, TARGET, KEEP, PLAN, patternBytes(250)), NotFoundError);
});
