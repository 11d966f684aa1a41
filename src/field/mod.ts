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
 * const normal = fileField(new MemoryStorage(), { uploadTo: "tests" });
 * const record = normal.attach({ id: 1, normal: null }, "normal");
 * await record.normal.save("django_test.txt", "content");
 * assertEquals([String(record.normal), await record.normal.size()], ["tests/django_test.txt", 7]);
 * ```
 *
 * @module
 */
export { FileField, fileField, type FileFieldOptions, type FileReference } from "./file_field.ts";
export type { FileSaveOptions, NewFileOptions, StoredFileSaveOptions } from "./save_options.ts";
export { StoredFile } from "./stored_file.ts";
export { withFiles } from "./with_files.ts";
export type { AdoptOptions, FileTransaction, Transaction, WithFilesOptions } from "./with_files_options.ts";
export { batchTransaction, type FileBatch } from "./batch_transaction.ts";
export { deleteOrphans, type OrphanOptions } from "./delete_orphans.ts";
