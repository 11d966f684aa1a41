import { IntegrityError } from "../../errors.ts";
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import type { Storage } from "../../storage/storage.ts";
import type { CollectCall } from "../collect_options.ts";
import { withoutHash } from "../hash.ts";
import type { HashedFiles } from "../hashed_files.ts";
import { formatManifest, type Manifest, manifestHash } from "../manifest.ts";
import { report } from "../progress.ts";
import { manifestsBeside, namesOf } from "./manifests_beside.ts";
import { isSiblingName, withoutSiblingSuffix } from "../source/siblings.ts";
import { staleFiles } from "./stale.ts";
import type { Target } from "../target.ts";

/** The state of a collection when all files are stored. */
export interface Collected {
  readonly options: CollectCall;
  readonly target: Target;
  readonly hashedFiles: HashedFiles | undefined;
  /** The manifest that was read before. */
  readonly before: Manifest | undefined;
  /** Whether the target is as an earlier run left it. */
  readonly unchanged: boolean;
  /** The rules by which references were rewritten. */
  readonly rules: string | undefined;
  /** The warnings of references to missing files. */
  readonly missing: readonly string[];
  /** The originals. */
  readonly files: ReadonlyMap<string, unknown>;
  /** The stored name of each original. */
  readonly paths: ReadonlyMap<string, string>;
  /** Whether a name is ignored or below a skipped link. */
  readonly isSkipped: (name: string) => boolean;
  readonly signal: AbortSignal;
}

/** Writes the manifest once all files that it names are stored; then deletes files that no manifest names. */
export async function publish(collected: Collected): Promise<void> {
  const { options: { clear, delete: deletes }, target } = collected;
  const current = new Set(collected.paths.values());
  const { expired, manifest } = await saveManifest(collected, current);
  const gone = new Set(expired);
  if (clear || deletes) {
    for (const name of target.entries.keys()) if (!isKept(name, current, collected)) gone.add(name);
  }
  if (gone.size === 0) return;
  const used = await namesInUse(collected, manifest);
  await target.remove([...gone].filter((name) => !used.has(name) && !used.has(withoutSiblingSuffix(name))));
}

/** The result of writing the manifest. */
interface Saved {
  /** The manifest; `undefined` for a storage without one. */
  readonly manifest: Manifest | undefined;
  /** The hashed copies that have been stale for long enough. */
  readonly expired: readonly string[];
}

async function saveManifest(collected: Collected, current: ReadonlySet<string>): Promise<Saved> {
  const { options, target, hashedFiles, files, paths, rules, missing, unchanged } = collected;
  const grace = options.clear ? 0 : options.pruneAfterSeconds;
  if (hashedFiles === undefined || (unchanged && grace === undefined)) {
    return { manifest: collected.before, expired: [] };
  }
  const { manifestName: name, manifestStorage, manifestVersion } = hashedFiles.options;
  const before = collected.before!;
  const now = Date.now();
  const isAmongFiles = isAmong(manifestStorage, options.storage);
  const written = isAmongFiles ? target.entries.get(name)?.modified : now;
  const { expired, stale } = staleFiles({
    entries: target.entries,
    before,
    writtenAt: written ?? now,
    isCurrent: (name) => files.has(name) || current.has(name),
    isOurs: (unhashed) => Boolean(options.delete) || files.has(unhashed) || before.paths.has(unhashed),
    graceMilliseconds: grace === undefined ? undefined : grace * 1000,
    now,
  });
  const manifest = { paths, stale, hash: await manifestHash(paths), rules, missing };
  const text = formatManifest(manifest, manifestVersion);
  if (text === formatManifest(before, manifestVersion) && written !== undefined && !options.clear) {
    return { manifest, expired };
  }
  if (!options.dryRun) await checkCopiesExist(collected, hashedFiles, current);
  if (isAmongFiles && written !== undefined) await target.change(name);
  if (!options.dryRun) await hashedFiles.save(manifest, { signal: options.signal });
  report(options, { kind: "manifest", name, bytes: encodeUtf8(text).byteLength });
  return { manifest, expired };
}

/** Whether the manifest is one of the files at the target. */
function isAmong(manifestStorage: Storage, storage: Storage): boolean {
  return manifestStorage === storage || manifestStorage === (storage as { storage?: unknown }).storage;
}

/**
 * Checks that all hashed copies exist: another collection at the same time may have deleted some as stale. That is possible
 * only if it wrote the manifest meanwhile, or if this run found copies that the manifest no longer named.
 *
 * @throws {IntegrityError} If one is missing.
 */
async function checkCopiesExist(
  { options, target, before, signal }: Collected,
  hashedFiles: HashedFiles,
  current: ReadonlySet<string>,
): Promise<void> {
  const { manifestVersion } = hashedFiles.options;
  const named = new Set(before!.paths.values());
  const isFound = (name: string): boolean => !options.clear && target.entries.has(name);
  const isRevived = [...current].some((name) => isFound(name) && !named.has(name));
  if (!isRevived && named.size === 0) return; // no other collection can have deleted one
  const live = isRevived ? undefined : formatManifest(await hashedFiles.reload(), manifestVersion);
  if (live === formatManifest(before!, manifestVersion)) return;
  const missing = new Set(current);
  for await (const { name } of options.storage.list("", { recursive: true, signal })) missing.delete(name);
  for (const name of missing) {
    throw new IntegrityError(`'${name}' was deleted by another collection at the same time: collect again`, {
      key: name,
    });
  }
}

/** Names that must stay: those in other manifests, and in the own manifest if another collection has written it since. */
async function namesInUse(
  { options, target, hashedFiles, files, signal }: Collected,
  manifest: Manifest | undefined,
): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  const name = hashedFiles?.options.manifestName ?? "staticfiles.json";
  if (!options.dryRun && hashedFiles !== undefined) {
    const live = await hashedFiles.reload();
    if (live.hash !== manifest!.hash) { for (const name of namesOf(live)) used.add(name); }
  }
  if (options.clear) return used;
  const storage = hashedFiles?.options.manifestStorage ?? options.storage;
  const isAmongFiles = isAmong(storage, options.storage);
  const listed = isAmongFiles ? filesAt(target) : undefined;
  const isOther = (other: string): boolean =>
    other !== hashedFiles?.options.manifestName && !(isAmongFiles && files.has(other));
  for await (const manifest of manifestsBeside(storage, name, listed, isOther, signal)) {
    if (isAmongFiles) used.add(manifest.name);
    for (const name of namesOf(manifest)) used.add(name);
  }
  return used;
}

function* filesAt({ entries }: Target): Generator<{ name: string; size: number }> {
  for (const [name, { size }] of entries) yield { name, size };
}

function isKept(name: string, current: ReadonlySet<string>, collected: Collected): boolean {
  const { options: { clear, precompress }, hashedFiles, files, isSkipped } = collected;
  if (files.has(name) || current.has(name) || name === hashedFiles?.options.manifestName) return true;
  if (precompress?.as === "siblings" && isSiblingName(name)) {
    return isKept(withoutSiblingSuffix(name), current, collected);
  }
  // Hashed copies are deleted by their age, also those of deleted files; ignored files are not compared.
  return !clear && (isSkipped(name) || (hashedFiles !== undefined && withoutHash(name) !== undefined));
}
