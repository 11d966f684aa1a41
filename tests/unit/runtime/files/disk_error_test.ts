import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { DiskError, NotFoundError, PermissionDeniedError } from "../../../../src/errors.ts";
import { toDiskError } from "../../../../src/runtime/files/disk_error.ts";

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}

const FILE = { action: "read 'a.txt'", key: "a.txt" };
const PATH = { action: "write '/a.txt'" };

for (
  const [code, ofKey, ofPath, reason] of [
    ["ENOENT", NotFoundError, DiskError, "the path does not exist (ENOENT)"],
    ["EACCES", PermissionDeniedError, DiskError, "the system denies access (EACCES)"],
    ["EPERM", PermissionDeniedError, DiskError, "the system denies access (EPERM)"],
    ["ENOSPC", DiskError, DiskError, "the disk is full (ENOSPC)"],
    ["EDQUOT", DiskError, DiskError, "the disk quota is exceeded (EDQUOT)"],
    [
      "EMFILE",
      DiskError,
      DiskError,
      "this process has too many open files (EMFILE). Close files, or raise the limit (ulimit -n)",
    ],
    ["ENFILE", DiskError, DiskError, "the system has too many open files (ENFILE)"],
    ["EIO", DiskError, DiskError, "the disk reports an input/output error (EIO)"],
    ["EROFS", DiskError, DiskError, "the disk is read-only (EROFS)"],
    ["EXYZ", DiskError, DiskError, "the system reports a failure (EXYZ)"],
  ] as const
) {
  Deno.test(`toDiskError() converts ${code} and keeps it as the cause`, () => {
    const cause = systemError(code);
    const one = toDiskError(cause, FILE) as DiskError;
    assertInstanceOf(one, ofKey);
    assertEquals(one.message, code === "ENOENT" ? "File does not exist: a.txt" : `Cannot read 'a.txt': ${reason}`);
    assertEquals([one.key, one.cause], ["a.txt", cause]);
    const other = toDiskError(cause, { ...PATH, advice: { [code]: "Do this" } }) as DiskError;
    assertInstanceOf(other, ofPath);
    assertEquals(other.message, `Cannot write '/a.txt': ${reason}. Do this`);
    assertStrictEquals(other.cause, cause);
  });
}

Deno.test("toDiskError() returns errors of other kinds as they are", () => {
  const ours = new NotFoundError("File does not exist: b", { cause: systemError("ENOENT") });
  const others = [
    ours,
    new TypeError("x"),
    new DOMException("x", "AbortError"),
    systemError("ERR_INVALID_ARG"),
    "a",
    null,
  ];
  for (const error of others) assertStrictEquals(toDiskError(error, FILE), error);
});

Deno.test("toDiskError() converts a missing permission of Deno", () => {
  const cause = Object.assign(new Error("Requires write access"), { name: "NotCapable" });
  const error = toDiskError(cause, PATH) as DiskError;
  assertInstanceOf(error, DiskError);
  assertEquals(
    error.message,
    "Cannot write '/a.txt': Deno denies access. Run with --allow-read and --allow-write for its folder",
  );
  assertInstanceOf(toDiskError(cause, FILE), PermissionDeniedError);
});
