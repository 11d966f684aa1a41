import { assertEquals } from "@std/assert";
import { closest } from "../../../../src/kit/text/closest.ts";
import * as names from "../../../../src/storage/checks/option_names.ts";
import type {
  AvailableNameOptions,
  CallOptions,
  CopyOptions,
  CopyToOptions,
  DeleteOptions,
  DownloadOptions,
  ListOptions,
  ReadOptions,
  SaveOptions,
  UrlOptions,
  WriteOptions,
} from "../../../../src/storage/contract/options.ts";
import type { StorageOptions } from "../../../../src/storage/storage.ts";

/** `true` if a list has exactly the names of an interface; otherwise this file does not compile. */
type Same<Options, Names extends readonly string[]> = [keyof Options] extends [Names[number]]
  ? [Names[number]] extends [keyof Options] ? true : "a name that is not an option"
  : "an option is missing";

Deno.test("each list of option names has exactly the names of its interface", () => {
  const call: Same<CallOptions, typeof names.CALL_OPTIONS> = true;
  const read: Same<ReadOptions, typeof names.READ_OPTIONS> = true;
  const download: Same<DownloadOptions, typeof names.DOWNLOAD_OPTIONS> = true;
  const write: Same<WriteOptions, typeof names.WRITE_OPTIONS> = true;
  const save: Same<SaveOptions, typeof names.SAVE_OPTIONS> = true;
  const copy: Same<CopyOptions, typeof names.COPY_OPTIONS> = true;
  const copyTo: Same<CopyToOptions, typeof names.COPY_TO_OPTIONS> = true;
  const remove: Same<DeleteOptions, typeof names.DELETE_OPTIONS> = true;
  const list: Same<ListOptions, typeof names.LIST_OPTIONS> = true;
  const name: Same<AvailableNameOptions, typeof names.NAME_OPTIONS> = true;
  const url: Same<UrlOptions, typeof names.URL_OPTIONS> = true;
  const storage: Same<StorageOptions, typeof names.STORAGE_OPTIONS> = true;
  assertEquals(
    [storage, call, read, download, write, save, copy, copyTo, remove, list, name, url].every(Boolean),
    true,
  );
  for (const list of Object.values(names)) if (Array.isArray(list)) assertEquals(new Set(list).size, list.length);
});

Deno.test("options of other libraries suggest those of this one", () => {
  for (
    const [word, meant] of [
      ["MaxKeys", "limit"],
      ["Range", "start"],
      ["tags", "tagging"],
      ["overwrite", "onExisting"],
      ["ttl", "expiresIn"],
      ["mimeType", "contentType"],
      ["queueSize", "maxConcurrency"],
    ] as const
  ) {
    const options = ["limit", "start", "tagging", "onExisting", "expiresIn", "contentType", "maxConcurrency"];
    assertEquals(closest(word, options, names.SYNONYMS), meant);
  }
  assertEquals(closest("offset", ["startAfter", "limit"], names.SYNONYMS), "startAfter");
});
