import { assert, assertEquals, assertThrows } from "@std/assert";
import * as errors from "../../src/errors.ts";
import { isStorageError, NotFoundError, type StorageError, type StorageErrorCode } from "../../src/errors.ts";

/** Compiles only if both types are equal. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

const CLASSES = Object.entries(errors).filter(([name]) => /^[A-Z]\w+Error$/.test(name) && name !== "StorageError");

Deno.test("every class of errors has its code and its name", () => {
  assertEquals(CLASSES.length, 15);
  for (const [name, Kind] of CLASSES as [string, new (message: string) => StorageError][]) {
    const error = new Kind("it failed");
    assertEquals([error.name, `${error.code}Error`, error.message], [name, name, "it failed"]);
    assert(isStorageError(error) && isStorageError(error, error.code));
    assertEquals(isStorageError(error, error.code === "NotFound" ? "Service" : "NotFound"), false);
  }
});

Deno.test("isStorageError() refuses other errors, and accepts those of another copy of the module", () => {
  for (const other of [new Error("x"), { code: "NotFound" }, null, undefined, "NotFound"]) {
    assertEquals(isStorageError(other), false);
  }
  const copy = Object.assign(new Error("x"), { code: "NotFound", [Symbol.for("@storages/s3/error")]: true });
  assertEquals([isStorageError(copy), isStorageError(copy, "NotFound"), isStorageError(copy, "Disk")], [
    true,
    true,
    false,
  ]);
});

Deno.test("isStorageError() narrows the code", () => {
  const caught: unknown = new NotFoundError("File does not exist: a", { status: 404 });
  assert(isStorageError(caught, "NotFound"));
  const code: Equal<typeof caught.code, "NotFound"> = true;
  assertEquals([code, caught.status], [true, 404]);

  const any: unknown = caught;
  assert(isStorageError(any));
  const anyCode: Equal<typeof any.code, StorageErrorCode> = true;
  assertEquals(anyCode, true);

  const described = (error: StorageError): string => {
    if (isStorageError(error, "NotFound")) return "missing";
    // An error of another code is still a StorageError here.
    return error.code;
  };
  assertEquals([described(caught), described(new errors.DiskError("x"))], ["missing", "Disk"]);

  // @ts-expect-error: the code is unknown
  assertEquals(isStorageError(caught, "Notfound"), false);
});

Deno.test("errors refuse a message that is not text", () => {
  const make = NotFoundError as unknown as new (...args: unknown[]) => StorageError;
  for (const message of [undefined, null, 5, {}]) {
    assertThrows(() => new make(message), TypeError, "The message of an error must be text");
  }
});
