import { ConfigurationError, NotSupportedError } from "../errors.ts";
import { asciiJson } from "../kit/text/ascii_json.ts";
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import { compareUtf8 } from "../kit/text/utf8_order.ts";
import { md5Hex } from "./hash.ts";

/**
 * The versions of Django's manifest. Django 4.2 and later write 1.1; earlier ones read only 1.0.
 *
 * @example
 * ```ts
 * import { ManifestStaticStorage, type ManifestVersion } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const manifestVersion: ManifestVersion = "1.0";
 * const storage = new ManifestStaticStorage(new MemoryStorage(), { manifestVersion });
 * assertEquals(storage.hashedFiles.options.manifestVersion, "1.0");
 * ```
 */
export type ManifestVersion = "1.0" | "1.1";

/**
 * A manifest: which stored name each file has.
 *
 * @example
 * ```ts
 * import { type Manifest, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const files = new MemoryStorage();
 * await files.save("staticfiles.json", '{"paths": {"a.css": "a.0123456789ab.css"}, "version": "1.0"}');
 * const manifest: Manifest = await new ManifestStaticStorage(files).hashedFiles.load();
 * assertEquals(manifest.paths.get("a.css"), "a.0123456789ab.css");
 * ```
 */
export interface Manifest {
  /** The stored name of each file. */
  readonly paths: ReadonlyMap<string, string>;
  /**
   * Stored names that are no longer in `paths`, with the time when they left it, in milliseconds since 1970. An extension
   * that Django ignores.
   */
  readonly stale: ReadonlyMap<string, number>;
  /**
   * The rules by which references were rewritten. Under the same rules, the same files have the same paths. `undefined` in
   * manifests of Django. An extension that Django ignores.
   */
  readonly rules?: string | undefined;
  /** Messages about references to missing files, which later runs repeat. An extension that Django ignores. */
  readonly missing?: readonly string[] | undefined;
  /** 12 hexadecimal digits that change whenever a path does. */
  readonly hash: string;
}

/** The most bytes of a manifest, decompressed: 64 MiB. A manifest of 100,000 files has about 10 MB. */
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** The error for a larger manifest. */
export function manifestTooLarge(name: string): NotSupportedError {
  return new NotSupportedError(
    `Cannot load manifest '${name}': it has more than ${MAX_MANIFEST_BYTES} bytes (64 MiB)`,
    { key: name },
  );
}

/** A manifest without files. */
export async function emptyManifest(): Promise<Manifest> {
  const paths = new Map<string, string>();
  return { paths, stale: new Map(), hash: await manifestHash(paths) };
}

/**
 * Parses a manifest that this module or Django wrote.
 *
 * @throws {ConfigurationError} If it is not JSON, or has an unknown version.
 */
export async function parseManifest(bytes: Uint8Array, name: string): Promise<Manifest> {
  let version: unknown;
  try {
    const stored = JSON.parse(new TextDecoder().decode(bytes));
    version = stored?.version;
    if (version === "1.0" || version === "1.1") {
      const paths = new Map(entriesOf(stored.paths, "paths").map(([name, path]) => [name, asText(path)]));
      const stale = new Map(entriesOf(stored.stale, "stale").map(([name, since]) => [name, asTime(since)]));
      const hash = typeof stored.hash === "string" ? stored.hash : await manifestHash(paths);
      const rules = typeof stored.rules === "string" ? stored.rules : undefined;
      return { paths, stale, hash, rules, missing: (stored.missing ?? []).map(asText) };
    }
  } catch (cause) {
    throw new ConfigurationError(`Cannot load manifest '${name}': ${(cause as Error).message}`, { cause });
  }
  throw new ConfigurationError(
    `Cannot load manifest '${name}': version must be "1.0" or "1.1", got ${JSON.stringify(version)}`,
  );
}

function entriesOf(value: unknown, name: string): [string, unknown][] {
  if (value === undefined || value === null) return [];
  if (typeof value === "object" && !Array.isArray(value)) return Object.entries(value);
  throw new TypeError(`"${name}" must be an object, got ${JSON.stringify(value)}`);
}

function asTime(value: unknown): number {
  const time = Date.parse(asText(value));
  if (!Number.isNaN(time)) return time;
  throw new TypeError(`a value in "stale" must be a time, got ${JSON.stringify(value)}`);
}

function asText(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`a value in "paths", "stale" or "missing" must be a string, got ${JSON.stringify(value)}`);
}

/** The manifest as JSON. The same files give the same text. */
export function formatManifest(
  { paths, stale, hash, rules, missing = [] }: Manifest,
  version: ManifestVersion,
): string {
  const since = [...stale].map(([name, time]) => [name, new Date(time).toISOString()] as const);
  return JSON.stringify({
    paths: Object.fromEntries(sorted(paths)),
    version,
    ...(version === "1.1" ? { hash } : {}),
    ...(rules === undefined ? {} : { rules }),
    ...(missing.length > 0 ? { missing } : {}),
    ...(since.length > 0 ? { stale: Object.fromEntries(sorted(since)) } : {}),
  });
}

/** The hash as in Django: of the sorted pairs, in JSON as Python writes it. */
export async function manifestHash(paths: ReadonlyMap<string, string>): Promise<string> {
  const pairs = sorted(paths).map((pair) => `[${pair.map(asciiJson).join(", ")}]`);
  return (await md5Hex(encodeUtf8(`[${pairs.join(", ")}]`))).slice(0, 12);
}

function sorted(pairs: Iterable<readonly [string, string]>): (readonly [string, string])[] {
  return [...pairs].sort(([one], [other]) => compareUtf8(one, other));
}
