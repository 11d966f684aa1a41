/**
 * Files by name, on any backend: storages in memory, for tests, and in a folder, for development, and the interface to write
 * your own backend. Nothing here needs S3.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const name = await storage.save("hello.txt", "storage contents");
 * assertEquals(await storage.readText(name), "storage contents");
 * ```
 *
 * @module
 */
import "../runtime/files/use_files.ts";

export * from "../errors.ts";
export { BackendWrapper } from "./contract/backend_wrapper.ts";
export type { DeleteIncompleteOptions, IncompleteFile } from "./local/incomplete_files.ts";
export { LocalStorage, type LocalStorageOptions } from "./local/local_storage.ts";
export type { FollowLinks } from "../runtime/files/links.ts";
export { MemoryStorage, type MemoryStorageOptions } from "./memory/memory_storage.ts";
export * from "./contract/contract.ts";
export { decodeMetadata } from "./contract/metadata.ts";
