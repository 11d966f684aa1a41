/** Wrong arguments of the calls that only an S3Storage has: unknown options, wrong kinds and numbers out of range. */
import { assertEquals, assertRejects } from "@std/assert";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { FileVersion } from "../../../mod.ts";
import type { RESTORE_OPTIONS, RestoreOptions } from "../../../src/s3/objects/archive.ts";
import type { REQUEST_NAMES, StorageRequest } from "../../../src/s3/objects/custom_request.ts";
import type * as versions from "../../../src/s3/objects/version_operations.ts";
import type { VERSION_OPTIONS, VersionOptions } from "../../../src/s3/objects/versioned_file.ts";
import type * as direct from "../../../src/s3/uploads/direct_uploads.ts";
import type * as incomplete from "../../../src/s3/uploads/incomplete_uploads.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";

/** `true` if a list has exactly the names of an interface; otherwise this file does not compile. */
type Same<Options, Names extends readonly string[]> = [keyof Options] extends [Names[number]]
  ? [Names[number]] extends [keyof Options] ? true : "a name that is not an option"
  : "an option is missing";

Deno.test("each list of the options of an S3Storage has exactly the names of its interface", () => {
  const create: Same<direct.MultipartUploadOptions, typeof direct.CREATE_OPTIONS> = true;
  const complete: Same<direct.CompleteOptions, typeof direct.COMPLETE_OPTIONS> = true;
  const abort: Same<incomplete.AbortIncompleteOptions, typeof incomplete.ABORT_OPTIONS> = true;
  const uploads: Same<incomplete.ListUploadsOptions, typeof incomplete.LIST_OPTIONS> = true;
  const listed: Same<versions.ListVersionsOptions, typeof versions.LIST_OPTIONS> = true;
  const version: Same<VersionOptions, typeof VERSION_OPTIONS> = true;
  const restore: Same<RestoreOptions, typeof RESTORE_OPTIONS> = true;
  const request: Same<StorageRequest, typeof REQUEST_NAMES> = true;
  assertEquals([create, complete, abort, uploads, listed, version, restore, request].every(Boolean), true);
});

/** Calls whose last argument is the options, with valid other arguments, and what their messages say that they do. */
const CALLS: Readonly<Record<string, readonly [action: string, (storage: S3Storage, options: never) => unknown]>> = {
  "uploads.create": ["upload 'a'", (storage, options) => storage.uploads.create("a", options)],
  "uploads.complete": [
    "complete the upload of 'a'",
    (storage, options) => storage.uploads.complete("a", "id", options),
  ],
  "uploads.abort": ["abort the upload of 'a'", (storage, options) => storage.uploads.abort("a", "id", options)],
  "uploads.list": ["list uploads", (storage, options) => Array.fromAsync(storage.uploads.list(options))],
  "uploads.abortIncomplete": [
    "abort incomplete uploads",
    (storage, options) => storage.uploads.abortIncomplete(options),
  ],
  "versions.list": [
    "list the versions of 'a'",
    (storage, options) => Array.fromAsync(storage.versions.list("a", options)),
  ],
  "versions.restore": ["restore a version of 'a'", (storage, options) => storage.versions.restore("a", "id", options)],
  "versions.delete": ["delete a version of 'a'", (storage, options) => storage.versions.delete("a", "id", options)],
  "getTags": ["read the tags of 'a'", (storage, options) => storage.getTags("a", options)],
  "setTags": ["set the tags of 'a'", (storage, options) => storage.setTags("a", {}, options)],
  "getAcl": ["read the ACL of 'a'", (storage, options) => storage.getAcl("a", options)],
  "setAcl": ["set the ACL of 'a'", (storage, options) => storage.setAcl("a", "private", options)],
  "restoreArchived": ["restore 'a'", (storage, options) => storage.restoreArchived("a", options)],
  "request": ["send a request", (storage, options) => storage.request(options)],
};

for (const [name, [action, run]] of Object.entries(CALLS)) {
  Deno.test(`${name}() refuses unknown options, and options that are no object, before any request`, async () => {
    const server = createS3Server({ buckets: ["media"] });
    const storage = s3On(server);
    for (const options of ["text", 60, true, null, [], new Map()]) {
      await assertRejects(
        async () => await run(storage, options as never),
        TypeError,
        `Cannot ${action}: options must be an object, got `,
      );
    }
    for (const option of ["signall", "expire", "version", "x"]) {
      await assertRejects(
        async () => await run(storage, { [option]: 1 } as never),
        TypeError,
        `Cannot ${action}: unknown option '${option}'`,
      );
    }
    const misspelt = { sginal: AbortSignal.timeout(1000) };
    await assertRejects(async () => await run(storage, misspelt as never), TypeError, "Did you mean signal?");
    assertEquals(server.requests.length, 0);
  });
}

type Refusal = typeof TypeError | typeof RangeError;

/** Wrong values, with the beginning of the message. */
const VALUES: readonly (readonly [call: string, (storage: S3Storage) => unknown, Refusal, message: string])[] = [
  ...["", undefined, 5, null].flatMap((id) => [
    value("uploads.complete", (s) => s.uploads.complete("a", id as string), TypeError, "uploadId must be the one from"),
    value("uploads.abort", (s) => s.uploads.abort("a", id as string), TypeError, "uploadId must be the one from"),
    value("versions.restore", (s) => s.versions.restore("a", id as string), TypeError, "versionId must be the id of a"),
    value("versions.delete", (s) => s.versions.delete("a", id as string), TypeError, "versionId must be the id of a"),
  ]),
  ...["", 5, null, {}].flatMap((given) => {
    const options = { versionId: given as string };
    const message = "versionId must be the id of a version, got";
    return [
      value("getTags", (s) => s.getTags("a", options), TypeError, message),
      value("setTags", (s) => s.setTags("a", {}, options), TypeError, message),
      value("getAcl", (s) => s.getAcl("a", options), TypeError, message),
      value("setAcl", (s) => s.setAcl("a", "private", options), TypeError, message),
      value("restoreArchived", (s) => s.restoreArchived("a", options), TypeError, message),
    ];
  }),
  value("uploads.create", (s) => s.uploads.create("a", {}), TypeError, "pass either size (in bytes) or parts"),
  value("uploads.create", (s) => s.uploads.create("a", { size: 1, parts: 1 }), TypeError, "not both"),
  ...[-1, 1.5, NaN, "1", 2 ** 50].map((size) =>
    value("uploads.create", (s) => s.uploads.create("a", { size: size as number }), RangeError, "size must be")
  ),
  ...[0, 10_001, "3"].map((parts) =>
    value("uploads.create", (s) => s.uploads.create("a", { parts: parts as number }), RangeError, "parts must be")
  ),
  ...[0, 1024, 6 * 1024 ** 3, "8"].map((partSize) =>
    value(
      "uploads.create",
      (s) => s.uploads.create("a", { parts: 1, partSize: partSize as number }),
      RangeError,
      "partSize must be",
    )
  ),
  ...[-1, 1.5, "16"].map((size) =>
    value(
      "uploads.complete",
      (s) => s.uploads.complete("a", "id", { size: size as number }),
      RangeError,
      "Cannot complete the upload of 'a': size must be an integer",
    )
  ),
  ...["rename", "skip", true].map((onExisting) =>
    value(
      "uploads.complete",
      (s) => s.uploads.complete("a", "id", { onExisting: onExisting as "refuse" }),
      TypeError,
      'onExisting must be "replace" or "refuse", got',
    )
  ),
  value(
    "uploads.complete",
    (s) => s.uploads.complete("a", "id", { etags: "e" as never }),
    TypeError,
    "etags must be an",
  ),
  value(
    "uploads.complete",
    (s) => s.uploads.complete("a", "id", { etags: [] }),
    RangeError,
    "the number of etags must be",
  ),
  value(
    "uploads.complete",
    (s) => s.uploads.complete("a", "id", { etags: [""] }),
    TypeError,
    "the ETag of part 1 must be",
  ),
  value(
    "uploads.list",
    (s) => Array.fromAsync(s.uploads.list({ prefix: 5 as never })),
    TypeError,
    "prefix must be a string",
  ),
  ...[-1, NaN, Infinity, "5", {}].map((olderThanSeconds) =>
    value(
      "uploads.abortIncomplete",
      (s) => s.uploads.abortIncomplete({ olderThanSeconds: olderThanSeconds as number }),
      RangeError,
      "olderThanSeconds must be a number of 0 or more",
    )
  ),
  ...[0, -1, 1.5, "7", 2 ** 31].map((days) =>
    value(
      "restoreArchived",
      (s) => s.restoreArchived("a", { days: days as number }),
      RangeError,
      "days must be an integer",
    )
  ),
  ...["bulk", "Fast", 5].map((tier) =>
    value(
      "restoreArchived",
      (s) => s.restoreArchived("a", { days: 1, tier: tier as "Bulk" }),
      TypeError,
      'tier must be "Expedited", "Standard" or "Bulk", got',
    )
  ),
  ...["get", "PATCH", "CONNECT", 5, undefined].map((method) =>
    value("request", (s) => s.request({ method: method as "GET" }), TypeError, "method must be one of GET, HEAD")
  ),
  value(
    "request",
    (s) => s.request({ method: "GET", name: "a", key: "a" }),
    TypeError,
    "pass either name or key, not both",
  ),
  ...["name", "key"].flatMap((option) =>
    [undefined, null, 5].map((given) =>
      value(
        "request",
        (s) => s.request({ method: "DELETE", [option]: given as unknown as string }),
        TypeError,
        `${option} must be a string, got`,
      )
    )
  ),
  ...["a=b", new URLSearchParams("a=b"), [["a", "b"]]].map((query) =>
    value(
      "request",
      (s) => s.request({ method: "GET", query: query as never }),
      TypeError,
      "query must be a plain object",
    )
  ),
  ...[null, {}, ["b"], "\ud800"].map((given) =>
    value("request", (s) => s.request({ method: "GET", query: { a: given as string } }), TypeError, "query.a must be a")
  ),
  ...["a: b", new Headers(), [["a", "b"]]].map((headers) =>
    value(
      "request",
      (s) => s.request({ method: "GET", headers: headers as never }),
      TypeError,
      "headers must be a plain",
    )
  ),
  ...[5, null, "a\nb", "ü"].map((given) =>
    value(
      "request",
      (s) => s.request({ method: "GET", headers: { "x-a": given as string } }),
      TypeError,
      "the header x-a",
    )
  ),
  value("request", (s) => s.request({ method: "GET", headers: { "x a": "b" } }), TypeError, "the header x a must be"),
  value(
    "request",
    (s) => s.request({ method: "GET", headers: { A: "1", a: "2" } }),
    TypeError,
    "the header a is given twice",
  ),
  value("request", (s) => s.request({ method: "GET", body: "x" }), TypeError, "GET cannot have a body"),
  ...[5, {}, new Blob(["x"]).stream(), new FormData(), null].map((body) =>
    value(
      "request",
      (s) => s.request({ method: "PUT", body: body as never }),
      TypeError,
      "body must be a string, bytes or a",
    )
  ),
];

function value(
  call: string,
  run: (storage: S3Storage) => unknown,
  error: Refusal,
  message: string,
): (typeof VALUES)[number] {
  return [call, run, error, message];
}

Deno.test("calls of an S3Storage refuse wrong values before any request", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  for (const [call, run, error, message] of VALUES) {
    const thrown = await assertRejects(async () => await run(storage), error, message, `${call}: ${message}`);
    assertEquals([thrown.message.startsWith("Cannot "), /\.$/.test(thrown.message)], [true, false], thrown.message);
  }
  assertEquals(server.requests.length, 0);
});

Deno.test("calls of an S3Storage refuse names that are no text", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  for (const given of [undefined, null, 5, {}]) {
    const name = given as string;
    const calls: (() => Promise<unknown>)[] = [
      () => storage.uploads.create(name, { size: 1 }),
      () => storage.uploads.complete(name, "id"),
      () => storage.uploads.abort(name, "id"),
      () => Array.fromAsync<FileVersion>(storage.versions.list(name)),
      () => Array.fromAsync<FileVersion>(storage.versions.list(name, { recursive: true })),
      () => storage.versions.restore(name, "id"),
      () => storage.versions.delete(name, "id"),
      () => storage.getTags(name),
      () => storage.setTags(name, {}),
      () => storage.getAcl(name),
      () => storage.setAcl(name, "private"),
      () => storage.restoreArchived(name),
    ];
    for (const call of calls) await assertRejects(call, TypeError, "must be a string", String(call));
  }
  assertEquals(server.requests.length, 0);
});
