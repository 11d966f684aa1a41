export { Storage } from "../storage.ts";
export { BinaryFile } from "../files/binary_file.ts";
export type { ChunkReader } from "../../kit/bytes/byte_reader.ts";
export { type ByteSource, ReadFile } from "../files/read_file.ts";
export { TextFile } from "../files/text_file.ts";
export { type ByteSink, WriteFile } from "../files/write_file.ts";
export type {
  ExpectedObject,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "./backend.ts";
export type { SaveContent } from "../content/content.ts";
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
