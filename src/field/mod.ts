/**
 * Files on records: an attribute of a record, in any database, becomes a stored file that can be saved, read, linked and
 * replaced. Transactions keep files and rows consistent.
 *
 * @example
 * ```ts
 * import { fileField } from "@storages/s3/field";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const normal = fileField({ storage: new MemoryStorage(), uploadTo: "tests" });
 * const record = normal.attach({ id: 1 }, "normal");
 * await record.normal.save("django_test.txt", "content");
 * assertEquals([String(record.normal), await record.normal.size()], ["tests/django_test.txt", 7]);
 * ```
 *
 * @module
 */
export { FileField, fileField, type FileFieldOptions, type FileReference } from "./file_field.ts";
export { type FileSaveOptions, StoredFile } from "./stored_file.ts";
export { withFiles } from "./with_files.ts";
export type { FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";
export { type OrphanOptions, removeOrphans } from "./remove_orphans.ts";
