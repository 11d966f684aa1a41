import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { fromFileUrl, resolve } from "@std/path";
import { ConfigurationError } from "../../../../src/errors.ts";
import {
  checkFolderPermission,
  diskErrorCode,
  fileUrl,
  findDisk,
  readDiskFile,
} from "../../../../src/runtime/files/disk.ts";

const tooLarge = (): Error => new RangeError("too large");

Deno.test("findDisk() returns the disk, and throws on Cloudflare's runtime", async () => {
  assertEquals((await findDisk().stat(".")).isDirectory(), true);
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator")!;
  Object.defineProperty(globalThis, "navigator", { value: { userAgent: "Cloudflare-Workers" }, configurable: true });
  try {
    assertThrows(findDisk, ConfigurationError, "This runtime has no disk: use Deno, Bun or Node");
  } finally {
    Object.defineProperty(globalThis, "navigator", before);
  }
});

Deno.test("readDiskFile() reads a file up to the limit, and closes it", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "hello");
    assertEquals(await readDiskFile(findDisk(), path, 5, tooLarge), new TextEncoder().encode("hello"));
    await assertRejects(() => readDiskFile(findDisk(), path, 4, tooLarge), RangeError, "too large");
  } finally {
    await Deno.remove(path);
  }
  const error = await readDiskFile(findDisk(), path, 5, tooLarge).catch((error) => error);
  assertEquals([diskErrorCode(error), diskErrorCode(null), diskErrorCode({})], ["ENOENT", undefined, undefined]);
});

Deno.test("checkFolderPermission() accepts a permitted folder", () => {
  for (const name of ["read", "write"] as const) checkFolderPermission(name, ".");
});

Deno.test("fileUrl() returns the absolute URL of any path", () => {
  for (const path of ["a b/%41#?.txt", resolve("ü"), "../a"]) {
    const url = fileUrl(path);
    assertEquals([url.startsWith("file:///"), fromFileUrl(url)], [true, resolve(path)]);
  }
});
