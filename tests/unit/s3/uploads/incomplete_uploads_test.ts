import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { PermissionDeniedError, ServiceError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { errorAnswer } from "../transport.ts";

const HOUR_SECONDS = 3600;

/** A storage with a location, on a server whose clock can be advanced. */
function world(intercept: (request: Request) => Response | undefined = () => undefined): {
  storage: S3Storage;
  other: S3Storage;
  open: () => string[];
  passHours: (hours: number) => void;
} {
  let now = Date.now();
  const clock = (): Date => new Date(now);
  const server = createS3Server({ buckets: ["bucket"], now: clock });
  const fetch = async (request: Request): Promise<Response> => intercept(request) ?? await server.fetch(request);
  const options = { bucketName: "bucket", accessKey: "testkey", secretKey: "testsecret", fetch, now: clock };
  return {
    storage: new S3Storage({ ...options, location: "uploads" }),
    other: new S3Storage(options),
    open: () => server.openUploads("bucket").map(({ key }) => key).toSorted(),
    passHours: (hours) => void (now += hours * HOUR_SECONDS * 1000),
  };
}

Deno.test("abortIncompleteUploads() aborts old uploads, not younger ones or those of other locations", async () => {
  const { storage, other, open, passHours } = world();
  await storage.createMultipartUpload("old.bin", { parts: 1 });
  await storage.createMultipartUpload("odd näme+&.bin", { parts: 1 });
  await other.createMultipartUpload("elsewhere.bin", { parts: 1 });
  await other.createMultipartUpload("uploads2/elsewhere.bin", { parts: 1 });
  passHours(20);
  const { uploadId } = await storage.createMultipartUpload("young.bin", { parts: 1 });
  assertEquals(await storage.abortIncompleteUploads(), []);
  passHours(5);
  const aborted = await storage.abortIncompleteUploads();
  assertEquals(aborted.map(({ key }) => key).toSorted(), ["uploads/odd näme+&.bin", "uploads/old.bin"]);
  assertEquals(open(), ["elsewhere.bin", "uploads/young.bin", "uploads2/elsewhere.bin"]);
  assertEquals(await storage.abortIncompleteUploads({ olderThanSeconds: 6 * HOUR_SECONDS }), []);
  const [young] = await storage.abortIncompleteUploads({ olderThanSeconds: 5 * HOUR_SECONDS });
  assertEquals([young?.uploadId, young?.key], [uploadId, "uploads/young.bin"]);
});

Deno.test("abortIncompleteUploads() keeps uploads of other locations that a service lists too", async () => {
  const removed: string[] = [];
  const { storage } = world(({ method, url }) => {
    const { pathname } = new URL(url);
    if (method === "DELETE") removed.push(pathname);
    if (method === "DELETE") return new Response(null, { status: 204 });
    const uploads = ["elsewhere.bin", "uploads/ours.bin"].map((key) =>
      `<Upload><Key>${key}</Key><UploadId>id</UploadId><Initiated>2020-01-01T00:00:00.000Z</Initiated></Upload>`
    );
    return new Response(`<ListMultipartUploadsResult>${uploads.join("")}</ListMultipartUploadsResult>`);
  });
  assertEquals((await storage.abortIncompleteUploads()).map(({ key }) => key), ["uploads/ours.bin"]);
  assertEquals(removed, ["/uploads/ours.bin"]);
});

Deno.test("abortIncompleteUploads() aborts more than a thousand uploads", async () => {
  const { storage, open } = world();
  for (let i = 0; i < 1005; i++) await storage.createMultipartUpload(`file ${i % 7}.bin`, { parts: 1 });
  assertEquals((await storage.abortIncompleteUploads({ olderThanSeconds: 0 })).length, 1005);
  assertEquals(open(), []);
});

Deno.test("abortIncompleteUploads() continues after a failure and reports it, and ignores an upload that ended meanwhile", async () => {
  const refused = world((request) => {
    if (request.method !== "DELETE") return undefined;
    if (request.url.includes("b.bin")) return errorAnswer(403, "AccessDenied");
    return request.url.includes("c.bin") ? errorAnswer(404, "NoSuchUpload") : undefined;
  });
  for (const name of ["a.bin", "b.bin", "c.bin", "d.bin"]) {
    await refused.storage.createMultipartUpload(name, { parts: 1 });
  }
  const error = await assertRejects(
    () => refused.storage.abortIncompleteUploads({ olderThanSeconds: 0 }),
    AggregateError,
    "1 uploads could not be aborted",
  );
  assertEquals(error.errors.map((one: unknown) => one instanceof PermissionDeniedError), [true]);
  assertEquals(refused.open(), ["uploads/b.bin", "uploads/c.bin"]);
});

Deno.test("abortIncompleteUploads() refuses an invalid age, and honours its signal", async () => {
  const { storage } = world();
  for (const olderThanSeconds of [-1, NaN, Infinity, {} as number]) {
    await assertRejects(
      () => storage.abortIncompleteUploads({ olderThanSeconds }),
      RangeError,
      "olderThanSeconds must be",
    );
  }
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => storage.abortIncompleteUploads({ signal })), reason);
});

Deno.test("abortIncompleteUploads() refuses a circular listing, and keeps uploads without a date", async () => {
  const page = (more: string): Response =>
    new Response(`<ListMultipartUploadsResult>${more}</ListMultipartUploadsResult>`, { status: 200 });
  const circling = world((request) => {
    return request.url.includes("uploads=")
      ? page("<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>")
      : undefined;
  });
  await assertRejects(() => circling.storage.abortIncompleteUploads(), ServiceError, "its markers repeat");
  const undated = world((request) => {
    if (request.method === "DELETE") throw new Error("it was aborted");
    return page("<Upload><Key>uploads/a</Key><UploadId>1</UploadId></Upload>");
  });
  assertEquals(await undated.storage.abortIncompleteUploads({ olderThanSeconds: 0 }), []);
});
