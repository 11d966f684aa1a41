import type { BinaryFile } from "../files/binary_file.ts";
import type { TextFile } from "../files/text_file.ts";
import type { WriteFile } from "../files/write_file.ts";
import type { BackendOptionNames } from "./backend.ts";
import type { ReadOptions, WriteOptions } from "./options.ts";

/**
 * How a file is opened: `"r"` or `"rt"` to read text, `"rb"` to read bytes, `"w"`, `"wt"` or `"wb"` to write.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OpenMode } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const modes: OpenMode[] = ["r", "rb"];
 * for (const mode of modes) assertEquals((await storage.open("a.txt", mode)).size, 5);
 * ```
 */
export type OpenMode = "r" | "rt" | "rb" | "w" | "wt" | "wb";

/**
 * The kind of file that a mode opens.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OpenedFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const file: OpenedFile<"rb"> = await storage.open("a.txt", "rb");
 * assertEquals(await file.read(1), new Uint8Array([104]));
 * ```
 */
export type OpenedFile<Mode extends OpenMode> = Mode extends "r" | "rt" ? TextFile
  : Mode extends "rb" ? BinaryFile
  : WriteFile;

/**
 * The options of opening a file in a mode.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OpenOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: OpenOptions<"w"> = { contentType: "text/markdown" };
 * const storage = new MemoryStorage();
 * await (await storage.open("a", "w", options)).close();
 * assertEquals((await storage.stat("a")).contentType, "text/markdown");
 * ```
 */
export type OpenOptions<Mode extends OpenMode, Own = unknown> = Mode extends "r" | "rt" | "rb"
  ? ReadOptions & OwnOptions<Own, "read">
  : WriteOptions & OwnOptions<Own, "write">;

/**
 * The options of a storage's own for a kind of call, which it passes on to its backend: those of an S3Storage, for example.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OwnOptions, Storage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * interface Own {
 *   readonly write: { readonly color?: string };
 * }
 * const options: OwnOptions<Own, "write"> = { color: "red" };
 * const storage = new Storage<Own>(new MemoryStorage().backend); // a backend with this option names it in its capabilities
 * assertEquals([options.color, await storage.exists("a.txt")], ["red", false]);
 * ```
 */
export type OwnOptions<Own, Call extends keyof BackendOptionNames> = Own extends
  { readonly [Kind in Call]: infer Options } ? Options
  : unknown;

/**
 * The arguments of `open` after the name: the mode, `"r"` by default, and its options.
 *
 * @typeParam Own The options of calls that only a backend has.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OpenArguments } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "storage contents");
 * const how: OpenArguments<"rb"> = ["rb", { start: 8 }];
 * assertEquals(await (await storage.open("a.txt", ...how)).text(), "contents");
 * ```
 */
export type OpenArguments<Mode extends OpenMode, Own = unknown> = [mode?: Mode, options?: OpenOptions<Mode, Own>];
