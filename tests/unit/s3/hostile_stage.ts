/** A service with forged responses, every operation of a storage, and the invariants for any response. */
import { assert, assertEquals } from "@std/assert";
import { isStorageError, S3Storage } from "../../../mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";

/** Returns the response to send instead of the honest one; `undefined` for the honest one. */
export type Lie = (request: Request) => Response | undefined | Promise<Response>;

const TOKEN = "hunter2/session+token==";
export const KEYS = { accessKeyId: "AKIDHUNTER2HUNTER2", secretAccessKey: "hunter2/secret+key", sessionToken: TOKEN };
const CUSTOMER_KEY = "hunter2-hunter2-hunter2-hunter2-";

/** Texts that no error may show: secrets that authenticate or decrypt, as they are sent and percent-encoded. */
const SECRETS = [TOKEN, KEYS.secretAccessKey, KEYS.accessKeyId, btoa(CUSTOMER_KEY)].flatMap((
  secret,
) => [secret, encodeURIComponent(secret)]);

const PART = 5 * 1024 ** 2;
const NOW = new Date("2026-01-31T12:00:00Z");

/** Characters that move a cursor, end a line or change the direction of text. */
// deno-lint-ignore no-control-regex -- the test searches for them
export const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

export interface HostileStage {
  readonly storage: S3Storage;
  /** Every request, in order. */
  readonly requests: Request[];
  /** Forges the responses from now on; `undefined` for honest ones. */
  lie: Lie | undefined;
  /** An open multipart upload. */
  readonly uploadId: string;
  /** An earlier version of `versioned.txt`. */
  readonly versionId: string;
}

/** An honest service with some objects and an open upload, whose responses can be forged. */
export async function hostileStage(withKey = false): Promise<HostileStage> {
  const server = createS3Server({ buckets: ["media"], versioning: ["media"], credentials: [KEYS], now: () => NOW });
  const requests: Request[] = [];
  const stage = { lie: undefined as Lie | undefined };
  const storage = new S3Storage({
    bucketName: "media",
    accessKey: KEYS.accessKeyId,
    secretKey: KEYS.secretAccessKey,
    securityToken: KEYS.sessionToken,
    clientConfig: { maxAttempts: 1, timeout: 5 },
    transferConfig: { multipartThreshold: PART, partSize: PART },
    objectParameters: withKey ? { SSECustomerKey: CUSTOMER_KEY } : {},
    now: () => NOW,
    fetch: async (request) => {
      requests.push(request);
      return await stage.lie?.(request) ?? await server.fetch(request);
    },
  });
  await storage.save("a.txt", "hello");
  await storage.save("folder/b.txt", "hello");
  await storage.save("large.bin", new Uint8Array(PART + 1));
  const uploadId = withKey ? "none" : await beginUpload(storage, server.fetch);
  const { versionId = "" } = await storage.save("versioned.txt", "hello", { details: true });
  await storage.save("versioned.txt", "hello again");
  requests.length = 0;
  return Object.assign(stage, { storage, requests, uploadId, versionId });
}

/** A multipart upload with one part; not with SSECustomerKey, which the sender of a part would need. */
async function beginUpload(storage: S3Storage, fetch: (request: Request) => Promise<Response>): Promise<string> {
  const { uploadId, urls } = await storage.uploads.create("direct.bin", { size: 1 });
  const { ok, body } = await fetch(new Request(urls[0]!, { method: "PUT", body: "x" }));
  await body?.cancel();
  assert(ok);
  return uploadId;
}

/** Each operation of a storage that sends requests, or signs with values from responses. */
export const OPERATIONS: Readonly<Record<string, (stage: HostileStage) => Promise<unknown>>> = {
  "save bytes": ({ storage }) => storage.save("new.txt", "hello", { onExisting: "replace" }),
  "save a stream": ({ storage }) => storage.save("s.bin", new Blob(["hello"]).stream(), { onExisting: "replace" }),
  "save in parts": ({ storage }) => storage.save("p.bin", new Uint8Array(PART + 1), { onExisting: "replace" }),
  "save in parts if absent": ({ storage }) =>
    storage.save("q.bin", new Uint8Array(PART + 1), { ifNoneMatch: "*" } as object),
  "write": async ({ storage }) => {
    const file = await storage.open("w.txt", "w");
    await file.write("hello");
    await file.close();
  },
  "open and read": async ({ storage }) => await (await storage.open("a.txt")).text(),
  "read a large object": async ({ storage }) => await (await storage.open("large.bin", "rb")).bytes(),
  "read a range": async ({ storage }) => {
    const file = await storage.open("large.bin", "rb", { start: 1, end: 4 });
    return await file.bytes();
  },
  "seek": async ({ storage }) => {
    const file = await storage.open("large.bin", "rb");
    file.seek(100);
    await file.read(10);
    await file.close();
  },
  "download in ranges": ({ storage }) =>
    storage.downloadTo("large.bin", new WritableStream(), { partSize: 1024 ** 2, maxConcurrency: 2 }),
  "stat": ({ storage }) => storage.stat("a.txt"),
  "exists": ({ storage }) => storage.exists("a.txt"),
  "size": ({ storage }) => storage.size("a.txt"),
  "getModifiedTime": ({ storage }) => storage.getModifiedTime("a.txt"),
  "listdir": ({ storage }) => storage.listdir(""),
  "list": async ({ storage }) => await Array.fromAsync(storage.list("", { recursive: true })),
  "list a folder": async ({ storage }) => await Array.fromAsync(storage.list("folder", { recursive: true })),
  "delete": ({ storage }) => storage.delete("new.txt"),
  "delete if unchanged": ({ storage }) => storage.delete("folder/b.txt", { ifMatch: '"none"' }).catch(preconditionHeld),
  "deleteMany": ({ storage }) => storage.deleteMany(["x.txt", "y.txt"]),
  "copy": ({ storage }) => storage.copy("a.txt", "copy.txt", { onExisting: "replace" }),
  "copy in parts": ({ storage }) => storage.copy("large.bin", "copy.bin", { onExisting: "replace" }),
  "copy to a free name": ({ storage }) =>
    storage.copy("a.txt", `copies/${crypto.randomUUID()}.txt`, { onExisting: "refuse" }),
  "move": async ({ storage }) => {
    await storage.move("folder/b.txt", "moved.txt", { onExisting: "replace" });
    await storage.move("moved.txt", "folder/b.txt", { onExisting: "replace" });
  },
  "uploads.create": ({ storage }) => storage.uploads.create("d.bin", { size: 5 }),
  "uploads.complete": async ({ storage, uploadId }) =>
    await storage.uploads.complete("direct.bin", uploadId, { onExisting: "replace" }).catch(ended),
  "uploads.abort": async ({ storage }) => {
    const { uploadId } = await storage.uploads.create("e.bin", { size: 5 });
    await storage.uploads.abort("e.bin", uploadId);
  },
  "uploads.list": ({ storage }) => Array.fromAsync(storage.uploads.list()),
  "uploads.abortIncomplete": ({ storage }) => storage.uploads.abortIncomplete({ olderThanSeconds: 1e9 }),
  "versions.list": ({ storage }) => Array.fromAsync(storage.versions.list("a.txt")),
  "versions.list of a folder": ({ storage }) => Array.fromAsync(storage.versions.list("", { recursive: true })),
  "versions.restore": ({ storage, versionId }) => storage.versions.restore("versioned.txt", versionId),
  "versions.delete": ({ storage, versionId }) => storage.versions.delete("versioned.txt", versionId),
  "getTags": ({ storage }) => storage.getTags("a.txt"),
  "setTags": ({ storage }) => storage.setTags("a.txt", { stage: "live" }),
  "setTags to none": ({ storage }) => storage.setTags("a.txt", {}),
  "getAcl": ({ storage }) => storage.getAcl("a.txt"),
  "setAcl": ({ storage }) => storage.setAcl("a.txt", "private"),
  "restoreArchived": ({ storage }) => storage.restoreArchived("a.txt", { days: 1 }).catch(notArchived),
  "request": async ({ storage }) => {
    const { body } = await storage.request({ method: "GET", name: "a.txt", query: { acl: "" } });
    const reader = body!.getReader();
    await reader.read();
    await reader.cancel();
  },
  "request of the bucket": async ({ storage }) => await storage.request({ method: "HEAD" }),
  "url": ({ storage }) => storage.url("a.txt"),
  "presignedPost": ({ storage }) => storage.presignedPost("a.txt"),
};

function preconditionHeld(error: unknown): void {
  if (!isStorageError(error, "PreconditionFailed")) throw error;
}

function notArchived(error: unknown): void {
  if (!isStorageError(error, "NotSupported")) throw error;
}

function ended(error: unknown): void {
  if (!isStorageError(error, "NotFound")) throw error;
}

/** The thrown errors; those of an AggregateError one by one. */
function errorsOf(thrown: unknown): unknown[] {
  return thrown instanceof AggregateError ? thrown.errors.flatMap(errorsOf) : [thrown];
}

/** Checks that an error is a StorageError whose texts are printable, short and without secrets. */
export function assertClean(thrown: unknown, what: string): void {
  for (const error of errorsOf(thrown)) {
    assert(isStorageError(error), `${what}: not one of our errors: ${Deno.inspect(error)}`);
    const { message, s3Code = "", requestId = "" } = error;
    for (const text of [message, s3Code, requestId]) {
      assert(!UNPRINTABLE.test(text), `${what}: ${JSON.stringify(text)}`);
      assert(text.length < 2000, `${what}: ${text.length} characters`);
    }
    const shown = Deno.inspect(error, { depth: 10 }) + error.stack + JSON.stringify(error) + String(error);
    for (const secret of SECRETS) assert(!shown.includes(secret), `${what} shows ${secret}: ${shown.slice(0, 500)}`);
    assert(!/(Signature=(?!\*)|SIG<)[\w%+/]/.test(shown), `${what} shows a signature: ${shown.slice(0, 500)}`);
  }
}

/** Checks that every request was sent to a host of the partition `aws`, without following redirects. */
export function assertAtHome(requests: readonly Request[], what: string): void {
  for (const { url, redirect } of requests) {
    const { host } = new URL(url);
    assertEquals(redirect, "manual", what);
    assert(/^media\.s3(\.[a-z\d-]+)?\.amazonaws\.com$/.test(host) && !/\.(cn|us-gov)-/.test(host), `${what}: ${host}`);
  }
}

/** Runs each operation against forged responses: it succeeds or throws a StorageError, and leaves nothing behind. */
export async function assertNothingLearned(what: string, lie: Lie, withKey = false): Promise<void> {
  const stage = await hostileStage(withKey);
  const { storage, requests } = stage;
  const url = storage.urlSync("a.txt");
  for (const [name, run] of Object.entries(OPERATIONS)) {
    const met = `${name} meets ${what}`;
    stage.lie = lie;
    let thrown: unknown;
    await run(stage).catch((error) => thrown = error);
    if (thrown !== undefined) assertClean(thrown, met);
    assertAtHome(requests, met);
    stage.lie = undefined;
    requests.length = 0;
    assertEquals(storage.urlSync("a.txt"), url, met);
    await storage.size("a.txt"); // the next request succeeds
    assertEquals(requests.map(({ url }) => new URL(url).host), ["media.s3.amazonaws.com"], met);
    requests.length = 0;
  }
}
