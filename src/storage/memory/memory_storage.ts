import { checkOptions } from "../../kit/values/options.ts";
import { Storage } from "../storage.ts";
import { MemoryBackend } from "./memory_backend.ts";

/**
 * The settings of a {@linkcode MemoryStorage}.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type MemoryStorageOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: MemoryStorageOptions = { location: "uploads", baseUrl: "/media/" };
 * assertEquals(await new MemoryStorage(options).url("a b.txt"), "/media/uploads/a%20b.txt");
 * ```
 */
export interface MemoryStorageOptions {
  /**
   * The folder that all names are below.
   * @default {""}
   */
  readonly location?: string | undefined;
  /**
   * Whether `save` replaces a file of the same name; if not, it finds a free name.
   * @default {true}
   */
  readonly fileOverwrite?: boolean | undefined;
  /** The prefix of URLs, followed by a file's key; without it the storage has no URLs. */
  readonly baseUrl?: string | undefined;
  /**
   * Returns the current time, for modification dates.
   * @default {the system's clock}
   */
  readonly now?: (() => Date) | undefined;
}

const NAMES = [
  "location",
  "fileOverwrite",
  "baseUrl",
  "now",
] as const satisfies readonly (keyof MemoryStorageOptions)[];

/**
 * A storage that keeps its files in memory: for tests and experiments.
 *
 * @example
 * ```ts
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage({ fileOverwrite: false });
 * assertEquals(await storage.save("a.txt", "first"), "a.txt");
 * const other = await storage.save("a.txt", "second"); // such as "a_x7Kd91Q.txt"
 * assertEquals(await storage.readText(other), "second");
 * ```
 */
export class MemoryStorage extends Storage {
  /**
   * Creates an empty storage.
   *
   * @param options Location, naming and URLs.
   * @throws {TypeError} If an option is unknown, or `now` is no function.
   */
  constructor(options: MemoryStorageOptions = {}) {
    checkOptions("make a MemoryStorage", options, NAMES);
    super(new MemoryBackend(options), options);
  }
}
