/** Ceph RGW, whose code for signatures is independent, checks our presigned URLs and forms. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  IntegrityError,
  NotFoundError,
  S3Storage,
  type S3StorageOptions,
  ServiceError,
  type UrlOptions,
} from "../../mod.ts";
import {
  createPresignedPost,
  presignedPostForm,
  type PresignedPostOptions,
  Presigner,
  type PresignOptions,
  presignUrlV2,
} from "../../src/signing/mod.ts";
import { isName } from "../../src/storage/contract/names.ts";
import { patternBytes } from "./served_server.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { ODD_KEYS } from "./odd_keys.ts";

const KEYS = [...ODD_KEYS, "line\nbreak", "//slashes//"];
const BUCKET = "presigned";

/** Creates a URL with one of the signature versions. */
type Make = (key: string, options?: PresignOptions) => string;

async function status(url: string, method: string, init: RequestInit = {}): Promise<number> {
  const response = await fetch(url, { ...init, method });
  await response.body?.cancel();
  return response.status;
}

function minutesAgo(minutes: number): Date {
  return new Date(Date.now() - minutes * 60_000);
}

/** Creates such a URL with a storage, whose clock determines the time. */
function byStorage(options: S3StorageOptions): Make {
  return (key, { method, headers, query, expiresIn, date } = {}) =>
    new S3Storage({ ...options, now: () => date ?? new Date() }).urlSync(key, {
      method: method as UrlOptions["method"],
      expiresIn,
      parameters: {
        ContentType: headers?.["content-type"],
        IfNoneMatch: headers?.["if-none-match"],
        ...Object.fromEntries(
          Object.entries(query ?? {}).map(([name, value]) => [
            name.replace(/(^|-)./g, (start) => start.at(-1)!.toUpperCase()),
            value,
          ]),
        ),
      },
    });
}

type Method = NonNullable<PresignOptions["method"]>;

/** URLs with another key, a later expiry or another method are refused, and expired ones. */
async function assertBound(make: Make, key: string, method: Method, init: RequestInit = {}): Promise<void> {
  const headers = (init.headers ?? {}) as Record<string, string>;
  const url = make(key, { method, headers, expiresIn: 60 });
  const tampered = url.replace("?", "x?");
  const prolonged = url.replace(
    /(X-Amz-Expires|[?&]Expires)=(\d+)/,
    (_, name, value) => `${name}=${Number(value) + 9}`,
  );
  assert(tampered !== url && prolonged !== url);
  assertEquals(await status(tampered, method, init), 403, `${method} of another key`);
  assertEquals(await status(prolonged, method, init), 403, `${method} for longer`);
  const expired = make(key, { method, headers, expiresIn: 60, date: minutesAgo(3) });
  assertEquals(await status(expired, method, init), 403, `${method} after its end`);
  const other = method === "DELETE" ? "GET" : "DELETE";
  assertEquals(await status(url, other, { headers }), 403, `${other} with a URL for ${method}`);
}

async function readAndWrite(make: Make, key: string): Promise<void> {
  const init = { headers: { "content-type": "text/x-test" }, body: "storage contents" };
  await assertBound(make, key, "PUT", init);
  assertEquals(await status(make(key, { method: "PUT", headers: init.headers }), "PUT", init), 200, key);
  for (const method of ["GET", "HEAD"] as const) {
    await assertBound(make, key, method);
    const response = await fetch(make(key, { method }), { method });
    assertEquals([response.status, await response.text()], [200, method === "GET" ? "storage contents" : ""]);
    assertEquals(response.headers.get("content-type"), "text/x-test");
  }
  const query = { "response-content-type": "text/html; charset=utf-8", "response-content-disposition": "a; b+c d" };
  const overridden = await fetch(make(key, { query }));
  assertEquals([overridden.status, await overridden.text()], [200, "storage contents"]);
  assertEquals(overridden.headers.get("content-disposition"), "a; b+c d");
}

async function remove(make: Make, key: string): Promise<void> {
  await assertBound(make, key, "DELETE");
  assertEquals(await status(make(key, { method: "DELETE" }), "DELETE"), 204);
  assertEquals(await status(make(key), "GET"), 404);
}

async function onlyNew(make: Make): Promise<void> {
  const headers = { "content-type": "text/plain", "if-none-match": "*" };
  const url = make("new.txt", { method: "PUT", headers });
  const put = (sent: Record<string, string>): Promise<number> => status(url, "PUT", { headers: sent, body: "x" });
  assertEquals(await put({ "content-type": "text/plain" }), 403, "without a signed header");
  assertEquals(await put({ ...headers, "content-type": "text/html" }), 403, "with another type");
  assertEquals(await put(headers), 200);
  assertEquals(await put(headers), 412, "there is one already");
}

/** A URL for PUT can require a size and a customer key, which is needed to read the object. */
async function boundUploads(storage: S3Storage): Promise<void> {
  const five = storage.urlSync("five", { method: "PUT", parameters: { ContentLength: 5 } });
  assertEquals(await status(five, "PUT", { body: new TextEncoder().encode("123456") }), 403, "too long");
  assertEquals(await status(five, "PUT", { body: new TextEncoder().encode("12345") }), 200);

  const SSECustomerKey = "0123456789abcdef0123456789abcdef";
  const parameters = { SSECustomerKey, SSECustomerKeyMD5: "hRasmdxgYDKV3nvbahU1MA==" };
  const names = ["algorithm", "key", "key-md5"].map((part) => `x-amz-server-side-encryption-customer-${part}`);
  const headers = Object.fromEntries(
    ["AES256", btoa(SSECustomerKey), parameters.SSECustomerKeyMD5].map((value, index) => [names[index]!, value]),
  );
  const body = new TextEncoder().encode("secret contents");
  const put = storage.urlSync("secret", { method: "PUT", parameters });
  assertEquals(await status(put, "PUT", { body }), 403, "without the key");
  assertEquals(await status(put, "PUT", { body, headers }), 200);
  for (const method of ["GET", "HEAD"] as const) {
    const url = storage.urlSync("secret", { method, parameters });
    assertEquals(await status(url, method), 403, "without the key");
    const response = await fetch(url, { method, headers });
    assertEquals([response.status, await response.text()], [200, method === "GET" ? "secret contents" : ""]);
  }
}

async function uploadParts(make: Make): Promise<void> {
  const started = await fetch(make("parts.bin", { method: "POST", query: { uploads: "" } }), { method: "POST" });
  const uploadId = /<UploadId>([^<]+)/.exec(await started.text())![1]!;
  const part = make("parts.bin", { method: "PUT", query: { partNumber: "1", uploadId } });
  assertEquals(await status(part.replace("partNumber=1", "partNumber=2"), "PUT", { body: "x" }), 403);
  // Bytes, since a text adds a Content-Type, which SigV2 would have to sign.
  const sent = await fetch(part, { method: "PUT", body: new TextEncoder().encode("a part") });
  await sent.body?.cancel();
  assertEquals(sent.status, 200);
  const list =
    `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${sent.headers.get("etag")}</ETag></Part>` +
    "</CompleteMultipartUpload>";
  const completed = await fetch(make("parts.bin", { method: "POST", query: { uploadId } }), {
    method: "POST",
    body: new TextEncoder().encode(list),
  });
  assertMatch(await completed.text(), /CompleteMultipartUploadResult/);
  assertEquals(await (await fetch(make("parts.bin"))).text(), "a part");
}

/** Parts of 5 MiB, sent with fetch as in a browser, with one of the signature versions. */
async function directUploads(storage: S3Storage): Promise<void> {
  const file = new Blob([patternBytes(11_000_000)]);
  const options = { size: file.size, partSize: 5 * 1024 ** 2, cacheControl: "max-age=60", metadata: { by: "parts" } };
  for (const named of [true, false]) {
    const { name, uploadId, urls, partSize } = await storage.uploads.create("films/ñ 1+2.mp4", options);
    const etags = await Promise.all(urls.map(async (url, index) => {
      const body = file.slice(index * partSize, (index + 1) * partSize);
      const response = await fetch(url, { method: "PUT", body });
      assertEquals([response.status, await response.text()], [200, ""]);
      return response.headers.get("etag")!;
    }));
    assertEquals(await storage.exists(name), false, "not before it is completed");
    await storage.uploads.complete(name, uploadId, { etags: named ? etags : undefined, size: file.size });
    const { size, contentType, cacheControl, metadata } = await storage.stat(name);
    assertEquals([size, contentType, cacheControl, metadata], [file.size, "video/mp4", "max-age=60", { by: "parts" }]);
    const stored = await (await storage.open(name, "rb")).bytes();
    assert(stored.every((byte, index) => byte === (index * 31 + (index >>> 8) * 7 & 0xff)), "byte for byte");
    await storage.delete(name);
  }
}

async function unfinishedUploads(storage: S3Storage): Promise<void> {
  const { uploadId, urls } = await storage.uploads.create("unfinished", { parts: 3 });
  for (const index of [0, 2]) assertEquals(await status(urls[index]!, "PUT", { body: new Blob(["x"]) }), 200);
  await assertRejects(() => storage.uploads.complete("unfinished", uploadId), IntegrityError, "part 2");
  await storage.uploads.abort("unfinished", uploadId);
  await assertRejects(() => storage.uploads.complete("unfinished", uploadId), NotFoundError);
  assertEquals(await storage.exists("unfinished"), false);

  const empty = await storage.uploads.create("empty", { size: 0 });
  assertEquals(await status(empty.urls[0]!, "PUT", { body: new Uint8Array() }), 200);
  await storage.uploads.complete("empty", empty.uploadId);
  assertEquals(await storage.size("empty"), 0);
}

/** RGW lists 1,000 parts per page, and accepts only the last part below 5 MiB. */
async function partsOnTwoPages(storage: S3Storage): Promise<void> {
  const { uploadId, urls } = await storage.uploads.create("many", { parts: 1001 });
  const waiting = [...urls];
  const send = async (): Promise<void> => {
    for (let url = waiting.pop(); url; url = waiting.pop()) {
      assertEquals(await status(url, "PUT", { body: new Blob(["x"]) }), 200);
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  const complete = (size: number): Promise<unknown> => storage.uploads.complete("many", uploadId, { size });
  await assertRejects(() => complete(1002), IntegrityError, "size must be 1002 bytes, got 1001");
  await assertRejects(() => complete(1001), ServiceError, "EntityTooSmall");
  await storage.uploads.abort("many", uploadId);
}

async function forms(options: Omit<PresignedPostOptions, "key">, make: Make): Promise<void> {
  const send = async (
    changes: Partial<PresignedPostOptions>,
    change: (fields: Record<string, string>) => void = () => {},
  ): Promise<number> => {
    const post = createPresignedPost({
      ...options,
      key: "forms/${filename}",
      fields: { "Content-Type": "text/plain", success_action_status: "201", "x-amz-meta-a": "ü" },
      conditions: [["content-length-range", 1, 100]],
      ...changes,
    });
    const fields = { ...post.fields };
    change(fields);
    return await status(post.url, "POST", {
      body: presignedPostForm({ fields }, new Blob(["from a form"]), { fileName: "f.txt" }),
    });
  };
  assertEquals(await send({}), 201);
  assertEquals(await (await fetch(make("forms/f.txt"))).text(), "from a form");
  assertEquals(await send({ conditions: [["starts-with", "$Content-Type", "text/"]] }), 201);
  assertEquals(await send({}, (fields) => fields["x-amz-meta-a"] = "other"), 403, "a field of another value");
  assertEquals(await send({}, (fields) => fields.key = "elsewhere.txt"), 403, "another key");
  assertEquals(await send({}, (fields) => fields["x-amz-signature"] = "0".repeat(64)), 403, "another signature");
  assertEquals(await send({}, (fields) => fields.policy = btoa(`${atob(fields.policy!)} `)), 403, "another policy");
  assertEquals(await send({ expiresIn: 60, date: minutesAgo(3) }), 403, "after its end");
  assertEquals(await send({ conditions: [["content-length-range", 1, 5]] }), 400, "too large");
  const post = createPresignedPost({ ...options, key: "forms/a.txt" });
  assertEquals(await status(post.url, "PUT", { body: presignedPostForm(post, new Blob(["x"])) }), 403, "not by POST");
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Ceph RGW accepts our presigned URLs and forms, and refuses changed ones${
    server ? "" : " (it is not installed)"
  }`,
  ignore: server === undefined,
  fn: async (context) => {
    const { endpoint, accessKey, secretKey, stop } = server as RgwServer;
    try {
      const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
      const options = { bucketUrl: `${endpoint}/${BUCKET}`, region: "us-east-1", credentials };
      const root = new Presigner({ ...options, bucketUrl: endpoint });
      assertEquals(await status(root.url(BUCKET, { method: "PUT" }), "PUT"), 200);
      const presigner = new Presigner(options);
      const v4: Make = (key, given) => presigner.url(key, given);
      const { region: _, ...bucket } = { ...options, bucket: BUCKET };
      const v2: Make = (key, given) => presignUrlV2({ ...bucket, ...given, key });
      const settings = { bucketName: BUCKET, endpointUrl: endpoint, accessKey, secretKey };
      const storageV4 = byStorage(settings);
      const makes = {
        "version 4": v4,
        "version 2": v2,
        "version 4 by S3Storage": storageV4,
        "version 2 by S3Storage": byStorage({ ...settings, signatureVersion: "s3" }),
      };
      for (const [version, make] of Object.entries(makes)) {
        for (const key of version.includes("Storage") ? KEYS.filter(isName) : KEYS) {
          await context.step(`${version}: ${key}`, async () => {
            await readAndWrite(make, key);
            await remove(make, key);
          });
        }
      }
      for (const [version, make] of [["4", v4], ["2", v2]] as const) {
        await context.step(`version ${version}: UploadPart`, () => uploadParts(make));
      }
      for (const make of [v4, storageV4]) {
        await context.step("signed Content-Type and If-None-Match", async () => {
          await onlyNew(make);
          await remove(make, "new.txt");
        });
      }
      await context.step("a size and a customer key", () => boundUploads(new S3Storage(settings)));
      for (const signatureVersion of ["s3v4", "s3"] as const) {
        const storage = new S3Storage({ ...settings, signatureVersion });
        await context.step(`parts of large files, ${signatureVersion}`, () => directUploads(storage));
        await context.step(`uploads that fail, ${signatureVersion}`, () => unfinishedUploads(storage));
      }
      await context.step("more parts than one page of RGW", () => {
        return partsOnTwoPages(new S3Storage(settings));
      });
      await context.step("forms", () => forms({ ...options, bucket: BUCKET }, v4));
    } finally {
      await stop();
    }
  },
});
