export { Storage } from "./storage.ts";
export { BinaryFile } from "./binary_file.ts";
export type { ChunkReader } from "../kit/byte_reader.ts";
export { type ByteSource, ReadFile } from "./read_file.ts";
export { TextFile } from "./text_file.ts";
export { type ByteSink, WriteFile } from "./write_file.ts";
export type {
  ExpectedObject,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "./backend.ts";
export type { SaveContent } from "./content.ts";
export type { DirectoryEntry, FileEntry, FileStat, StorageEntry } from "./entry.ts";
export type {
  CallOptions,
  CopyOptions,
  DeleteOptions,
  LeftOutReason,
  ListOptions,
  ReadOptions,
  SaveOptions,
  TransferProgress,
  UrlOptions,
  WriteOptions,
} from "./options.ts";
export type { SavedFile, WrittenObject } from "./saved_file.ts";
