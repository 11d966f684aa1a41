import { ConfigurationError } from "../../errors.ts";

/**
 * The folder of a place's records. A leading dot keeps it out of Django's collectstatic, which ignores such names, and of
 * servers that refuse dotfiles; `.storages` would be a reserved name of LocalStorage.
 */
export const RECORD_FOLDER = ".pending-invalidation/";

/** Written once, so that runs without `invalidate` know that this place is to be recorded. */
export const PLACE_RECORD = `${RECORD_FOLDER}place.json`;

/**
 * What one record says. A record is written once under a name of its own and never rewritten: who has read it may delete
 * it without a precondition, which not every server knows.
 *
 * - `open`: names that a run may be about to change. It stays open where the run was killed.
 * - `done`: names that a finished run has changed.
 * - `covered`: names of open records that an accepted invalidation has covered, by the ETag they had before it was sent
 *   (`null`: not there). The run of an open record may be alive and store the file after that: the ETag is another then.
 */
export type PendingRecord =
  | { readonly state: "open" | "done"; readonly names: readonly string[] }
  | { readonly state: "covered"; readonly files: ReadonlyMap<string, CoveredFile> };

/** A file as it was when an invalidation of it was sent. */
export interface CoveredFile {
  readonly etag: string | null;
  /** When the run of the open record is taken for dead: milliseconds since 1970. */
  readonly until: number;
}

/** A record's text. */
export function formatRecord(record: PendingRecord): string {
  const body = record.state === "covered" ? { files: Object.fromEntries(record.files) } : { names: record.names };
  return JSON.stringify({ version: 1, state: record.state, ...body });
}

/**
 * Reads a record.
 *
 * @throws {ConfigurationError} If it is damaged, or of a later version.
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

/** What to say of a record that cannot be read. */
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
