import { ConfigurationError } from "../../errors.ts";

/**
 * The folder of a target's records. Django's collectstatic ignores names with a leading dot, and some servers do not serve
 * them. `.storages` is not used, since LocalStorage reserves it.
 */
export const RECORD_FOLDER = ".pending-invalidation/";

/** Written once, so that runs without `invalidate` also record their changes of this target. */
export const PLACE_RECORD = `${RECORD_FOLDER}place.json`;

/**
 * The content of a record. Each record has its own name and is never rewritten, so a run that has read it may delete it
 * without a precondition, which some servers do not support.
 *
 * - `open`: names that a run may change. The record stays open if the run is killed.
 * - `done`: names that a finished run changed.
 * - `covered`: names of open records that an accepted invalidation covered, with their ETag before it was sent (`null`: the
 *   file did not exist). The run of an open record may store a file after that, which changes its ETag.
 */
export type PendingRecord =
  | { readonly state: "open" | "done"; readonly names: readonly string[] }
  | { readonly state: "covered"; readonly files: ReadonlyMap<string, CoveredFile> };

/** The state of a file when its invalidation was sent. */
export interface CoveredFile {
  readonly etag: string | null;
  /** When the run of the open record is considered dead, in milliseconds since 1970. */
  readonly until: number;
}

/** The record as JSON. */
export function formatRecord(record: PendingRecord): string {
  const body = record.state === "covered" ? { files: Object.fromEntries(record.files) } : { names: record.names };
  return JSON.stringify({ version: 1, state: record.state, ...body });
}

/**
 * Parses a record.
 *
 * @throws {ConfigurationError} If it is malformed, or has a later version.
 */
export function parseRecord(text: string, name: string): PendingRecord {
  try {
    const { version, state, names, files } = JSON.parse(text);
    if (version !== 1) throw new TypeError(`version must be 1, got ${JSON.stringify(version)}`);
    if (state === "covered") return { state, files: new Map(Object.entries(files).map(asCovered)) };
    if (state !== "open" && state !== "done") throw new TypeError(`unknown state ${JSON.stringify(state)}`);
    if (Array.isArray(names) && names.every((name) => typeof name === "string")) return { state, names };
    throw new TypeError("names must be an array of strings");
  } catch (cause) {
    throw unreadableRecord(name, (cause as Error).message, cause);
  }
}

/** The error for a record that cannot be read. */
export function unreadableRecord(name: string, problem: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    `Cannot read pending invalidation '${name}': ${problem}. Invalidate the whole site, then delete that file`,
    { cause },
  );
}

function asCovered([name, file]: [string, unknown]): [string, CoveredFile] {
  const { etag, until } = file as Record<string, unknown>;
  if ((etag === null || typeof etag === "string") && typeof until === "number") return [name, { etag, until }];
  throw new TypeError(`malformed entry of ${JSON.stringify(name)}`);
}
