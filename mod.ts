/**
 * Files in S3 buckets, and anywhere else that keeps files by name: django-storages' S3 backend, rebuilt on fetch, Web
 * Streams and WebCrypto. It runs on Deno, Bun, Node and edge runtimes alike.
 *
 * ```ts ignore
 * import { S3Storage } from "@storages/s3";
 *
 * const storage = new S3Storage({ bucketName: "media" }); // the rest from AWS_* variables
 * const name = await storage.save("hello.txt", "storage contents");
 * console.log(await storage.url(name));
 * ```
 *
 * @module
 */
export * from "./src/errors.ts";
export { S3Storage } from "./src/s3/s3_storage.ts";
export type { ClientConfig, ObjectParameters, S3StorageOptions, TransferConfig } from "./src/settings/options.ts";
export type { CredentialProvider, Credentials } from "./src/credentials/provider.ts";
export { Storage } from "./src/storage/storage.ts";
export { MemoryStorage, type MemoryStorageOptions } from "./src/storage/memory_storage.ts";
export { BinaryFile, type ByteSource, ReadFile, TextFile } from "./src/storage/read_file.ts";
export { type ByteSink, WriteFile } from "./src/storage/write_file.ts";
export type { ListedKey, ObjectWriteOptions, StoredName } from "./src/storage/backend.ts";
export type { SaveContent } from "./src/storage/content.ts";
export type { DirectoryEntry, FileEntry, FileStat, StorageEntry } from "./src/storage/entry.ts";
export type { CallOptions, ListOptions, SaveOptions, UrlOptions, WriteOptions } from "./src/storage/options.ts";
