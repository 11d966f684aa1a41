import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { PermissionDeniedError, ServiceError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { chunkedStream, patternBytes } from "../../random.ts";
import { errorAnswer, networkError, withoutWaiting } from "../../transport.ts";

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

Deno.test("uploads.abortIncomplete() aborts old uploads, not younger ones or those of other locations", async () => {
  const { storage, other, open, passHours } = world();
  await storage.uploads.create("old.bin", { parts: 1 });
  await storage.uploads.create("odd näme+&.bin", { parts: 1 });
  await other.uploads.create("elsewhere.bin", { parts: 1 });
  await other.uploads.create("uploads2/elsewhere.bin", { parts: 1 });
  passHours(20);
  const { uploadId } = await storage.uploads.create("young.bin", { parts: 1 });
  assertEquals(await storage.uploads.abortIncomplete(), []);
  passHours(5);
  const aborted = await storage.uploads.abortIncomplete();
  assertEquals(aborted.map(({ key }) => key).toSorted(), ["uploads/odd näme+&.bin", "uploads/old.bin"]);
  assertEquals(open(), ["elsewhere.bin", "uploads/young.bin", "uploads2/elsewhere.bin"]);
  assertEquals(await storage.uploads.abortIncomplete({ olderThanSeconds: 6 * HOUR_SECONDS }), []);
  const [young] = await storage.uploads.abortIncomplete({ olderThanSeconds: 5 * HOUR_SECONDS });
  assertEquals([young?.uploadId, young?.key], [uploadId, "uploads/young.bin"]);
});

Deno.test("uploads.abortIncomplete() with dryRun returns the old uploads, and aborts none", async () => {
  const { storage, open, passHours } = world();
  await storage.uploads.create("old.bin", { parts: 1 });
  passHours(25);
  await storage.uploads.create("young.bin", { parts: 1 });
  for (let call = 0; call < 2; call++) {
    const aborted = await storage.uploads.abortIncomplete({ dryRun: true });
    assertEquals(aborted.map(({ name }) => name), ["old.bin"]);
  }
  assertEquals(open(), ["uploads/old.bin", "uploads/young.bin"]);
  await assertRejects(
    () => storage.uploads.abortIncomplete({ dryRun: "yes" as never }),
    TypeError,
    'Cannot abort incomplete uploads: dryRun must be true or false, got "yes"',
  );
});

Deno.test("uploads.abortIncomplete() keeps uploads of other locations that a service lists too", async () => {
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
  assertEquals((await storage.uploads.abortIncomplete()).map(({ key }) => key), ["uploads/ours.bin"]);
  assertEquals(removed, ["/uploads/ours.bin"]);
});

Deno.test("uploads.abortIncomplete() aborts more than a thousand uploads", async () => {
  const { storage, open } = world();
  for (let i = 0; i < 1005; i++) await storage.uploads.create(`file ${i % 7}.bin`, { parts: 1 });
  assertEquals((await storage.uploads.abortIncomplete({ olderThanSeconds: 0 })).length, 1005);
  assertEquals(open(), []);
});

Deno.test("uploads.abortIncomplete() continues after a failure and reports it, and ignores an upload that ended meanwhile", async () => {
  const refused = world((request) => {
    if (request.method !== "DELETE") return undefined;
    if (request.url.includes("b.bin")) return errorAnswer(403, "AccessDenied");
    return request.url.includes("c.bin") ? errorAnswer(404, "NoSuchUpload") : undefined;
  });
  for (const name of ["a.bin", "b.bin", "c.bin", "d.bin"]) {
    await refused.storage.uploads.create(name, { parts: 1 });
  }
  const error = await assertRejects(
    () => refused.storage.uploads.abortIncomplete({ olderThanSeconds: 0 }),
    AggregateError,
    "1 uploads could not be aborted",
  );
  assertEquals(error.errors.map((one: unknown) => one instanceof PermissionDeniedError), [true]);
  assertEquals(refused.open(), ["uploads/b.bin", "uploads/c.bin"]);
});

Deno.test("uploads.abortIncomplete() refuses an invalid age, and honours its signal", async () => {
  const { storage } = world();
  for (const olderThanSeconds of [-1, NaN, Infinity, {} as number]) {
    await assertRejects(
      () => storage.uploads.abortIncomplete({ olderThanSeconds }),
      RangeError,
      "olderThanSeconds must be",
    );
  }
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => storage.uploads.abortIncomplete({ signal })), reason);
});

Deno.test("uploads.abortIncomplete() refuses a circular listing, and keeps uploads without a date", async () => {
  const page = (more: string): Response =>
    new Response(`<ListMultipartUploadsResult>${more}</ListMultipartUploadsResult>`, { status: 200 });
  const circling = world((request) => {
    return request.url.includes("uploads=")
      ? page("<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>")
      : undefined;
  });
  await assertRejects(() => circling.storage.uploads.abortIncomplete(), ServiceError, "its pages repeat");
  const undated = world((request) => {
    if (request.method === "DELETE") throw new Error("it was aborted");
    return page("<Upload><Key>uploads/a</Key><UploadId>1</UploadId></Upload>");
  });
  assertEquals(await undated.storage.uploads.abortIncomplete({ olderThanSeconds: 0 }), []);
});

Deno.test("uploads.list() lists open uploads below the location, with their names", async () => {
  const { storage, other } = world();
  const first = await storage.uploads.create("films/odd näme+&.bin", { parts: 1 });
  const second = await storage.uploads.create("films/odd näme+&.bin", { parts: 1 });
  await storage.uploads.create("images/1.png", { parts: 1 });
  await other.uploads.create("uploads2/elsewhere.bin", { parts: 1 });
  const films = await Array.fromAsync(storage.uploads.list({ prefix: "films/" }));
  assertEquals(films.map(({ uploadId }) => uploadId).toSorted(), [first.uploadId, second.uploadId].toSorted());
  assertEquals(Object.keys(films[0]!).toSorted(), ["initiated", "key", "name", "uploadId"]);
  assertEquals([films[0]!.name, films[0]!.key], ["films/odd näme+&.bin", "uploads/films/odd näme+&.bin"]);
  assertEquals(films[0]!.initiated instanceof Date, true);
  const names = (await Array.fromAsync(storage.uploads.list())).map(({ name }) => name);
  assertEquals(new Set(names), new Set(["films/odd näme+&.bin", "images/1.png"]));
  await storage.uploads.abort(films[0]!.name, films[0]!.uploadId);
  assertEquals((await Array.fromAsync(storage.uploads.list({ prefix: "films" }))).length, 1);
});

Deno.test("uploads.list() lists more than a thousand uploads, and refuses a circular listing", async () => {
  const { storage } = world();
  for (let i = 0; i < 1005; i++) await storage.uploads.create(`file ${i % 7}.bin`, { parts: 1 });
  assertEquals((await Array.fromAsync(storage.uploads.list())).length, 1005);
  const page = "<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker>";
  const circling = world(() => new Response(`<ListMultipartUploadsResult>${page}</ListMultipartUploadsResult>`));
  await assertRejects(() => Array.fromAsync(circling.storage.uploads.list()), ServiceError, "its pages repeat");
});

const PART_BYTES = 5 * 1024 * 1024;

/** A storage whose server begins an upload, but whose first answers to that do not arrive. */
function losing(lost: number, failure: () => Response, overwrites = true): {
  storage: S3Storage;
  open: () => { key: string; parts: number }[];
  begun: () => number;
} {
  const server = createS3Server({ buckets: ["bucket"] });
  let begun = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const response = await server.fetch(request);
    const isBegin = request.method === "POST" && new URL(request.url).search === "?uploads=";
    if (!isBegin || ++begun > lost) return response;
    await response.body?.cancel();
    return failure();
  };
  const options = { accessKey: "testkey", secretKey: "testsecret", transferConfig: { partSize: PART_BYTES } };
  return {
    storage: new S3Storage({ bucketName: "bucket", location: "uploads", fileOverwrite: overwrites, ...options, fetch }),
    open: () => server.openUploads("bucket").map(({ key, partNumbers }) => ({ key, parts: partNumbers.length })),
    begun: () => begun,
  };
}

const LOSSES: Readonly<Record<string, () => Response>> = {
  "a reset connection": () => {
    throw networkError();
  },
  "500": () => errorAnswer(500, "InternalError"),
  "502 of a gateway": () => new Response("<html>", { status: 502 }),
};

const CONTENT = patternBytes(9 * 1024 * 1024); // more than multipartThreshold

const BEGINNINGS: Readonly<Record<string, (storage: S3Storage) => Promise<unknown>>> = {
  "save() of a stream": (storage) => storage.save("a.bin", chunkedStream(CONTENT, [1_000_000])),
  "save() of a Blob": (storage) => storage.save("a.bin", new Blob([CONTENT, new Uint8Array(PART_BYTES)])),
  "open() to write": async (storage) => {
    const file = await storage.open("a.bin", "w");
    await file.write(CONTENT);
    await file.close();
  },
  "uploads.create()": (storage) => storage.uploads.create("a.bin", { parts: 2 }),
};

for (const [what, begin] of Object.entries(BEGINNINGS)) {
  for (const [loss, failure] of Object.entries(LOSSES)) {
    Deno.test(`${what} continues after ${loss}, and abortIncomplete() removes the upload whose id was lost`, async () => {
      const { storage, open, begun } = losing(2, failure);
      await withoutWaiting(() => begin(storage));
      assertEquals(begun(), 3);
      const left = what === "uploads.create()" ? 3 : 2; // its upload has no parts yet either
      assertEquals(open(), Array(left).fill({ key: "uploads/a.bin", parts: 0 }));
      const listed = await Array.fromAsync(storage.uploads.list());
      assertEquals(listed.map(({ name }) => name), Array(left).fill("a.bin"));
      assertEquals((await storage.uploads.abortIncomplete({ olderThanSeconds: 0 })).length, left);
      assertEquals(open(), []);
    });
  }
}

Deno.test("a stream keeps its free name beside its own empty upload whose id was lost, if no file may be replaced", async () => {
  const { storage, open } = losing(1, LOSSES["a reset connection"]!, false);
  const names = await withoutWaiting(async () => [
    await storage.save("a.bin", chunkedStream(CONTENT, [1_000_000])),
    await storage.save("b.bin", chunkedStream(CONTENT, [1_000_000])),
  ]);
  assertEquals(names, ["a.bin", "b.bin"]);
  for (const name of names) assertEquals(await storage.readBytes(name), CONTENT);
  assertEquals(open(), [{ key: "uploads/a.bin", parts: 0 }]);
});

Deno.test("an upload that cannot be begun leaves only what abortIncomplete() removes", async () => {
  const { storage, open } = losing(Infinity, LOSSES["500"]!);
  await withoutWaiting(() =>
    assertRejects(() => storage.save("a.bin", chunkedStream(CONTENT, [1_000_000])), ServiceError)
  );
  assertEquals(open(), Array(10).fill({ key: "uploads/a.bin", parts: 0 }));
  await storage.uploads.abortIncomplete({ olderThanSeconds: 0 });
  assertEquals(open(), []);
});
