export { Storage, type StorageOptions } from "../storage.ts";
export type { StorageNames } from "../storage_names.ts";
export type { ChunkReader } from "../../kit/bytes/chunk_reader.ts";
export { BinaryFile } from "../files/binary_file.ts";
export { ReadFile } from "../files/read_file.ts";
export { TextFile } from "../files/text_file.ts";
export { WriteFile } from "../files/write_file.ts";
export type {
  BackendCapabilities,
  BackendOptionNames,
  ExpectedObject,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectListOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  StorageBackend,
} from "./backend.ts";
export type { OpenArguments, OpenedFile, OpenMode, OpenOptions, OwnOptions } from "./modes.ts";
export type { ByteSink, ByteSource } from "./bytes.ts";
export type { SaveContent } from "../content/content.ts";
export type { DirectoryEntry, FileEntry, FileStat, ObjectStat, RestoreStatus, StorageEntry } from "./entry.ts";
export type {
  AvailableNameOptions,
  CallOptions,
  CopyOptions,
  CopyToOptions,
  DeleteOptions,
  DownloadOptions,
  FileAttributes,
  ListOptions,
  OmittedReason,
  OnExisting,
  ReadOptions,
  SaveOptions,
  TransferProgress,
  UrlOptions,
  WriteOptions,
} from "./options.ts";
export type { IdentifiedFile, SavedFile, WrittenObject } from "./saved_file.ts";
