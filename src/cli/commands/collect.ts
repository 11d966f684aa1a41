import { invalidationPaths } from "../../cloudfront/invalidation/mod.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { collect } from "../../static/collect.ts";
import type { CollectEvent, CollectOptions, CollectSummary, Precompress } from "../../static/collect_options.ts";
import type { ManifestOptions } from "../../static/hashed_files.ts";
import { ManifestStaticStorage } from "../../static/manifest_static_storage.ts";
import { S3ManifestStaticStorage, S3StaticStorage } from "../../static/s3_static_storage.ts";
import { LocalStorage } from "../../storage/local/local_storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { CollectProgress } from "../output/collect_progress.ts";
import type { Call, Command, Given } from "../command.ts";
import { confirm, CONFIRM_OPTIONS } from "../output/confirm.ts";
import { EXIT, explain, UsageError } from "../output/failure.ts";
import { bytes, count, duration, json, printable } from "../output/format.ts";
import { CloudFrontCaches } from "../invalidate.ts";
import { isS3, labelOf, realFolder, s3Settings } from "../place.ts";

/** Brings static files to where they are served from. */
export const collectCommand: Command = {
  name: "collect",
  usage: "FOLDER... [--to PLACE] [OPTIONS]",
  summary: "Bring static files to where they are served from; only what changed is stored.",
  details: "Of files with the same name the one in the first folder is taken. A run that was stopped is " +
    "simply run again: what is stored is not stored twice, and the manifest comes last.",
  takes: [1, Infinity],
  options: {
    to: { value: "PLACE", help: "Where to: s3://bucket/prefix, s3: (the AWS_* variables; the default) or a folder" },
    manifest: { help: "Store hashed copies too, and staticfiles.json, which names them" },
    "manifest-version": { value: "1.0|1.1", help: "The version to write; Django before 4.2 needs 1.0" },
    "static-url": { value: "PATH", help: "What absolute paths of these files begin with, such as /static/" },
    "allow-missing": { help: "Only warn of references to files that are not there" },
    "dry-run": { short: "n", help: "Change nothing, show what would be" },
    delete: { help: "Remove what is in no folder any more" },
    clear: { help: "Store all anew and remove all else; asks first" },
    prune: { value: "TIME", help: "Remove hashed copies that nothing has named for so long: 30d, 12h, 0s" },
    ignore: { short: "i", value: "GLOB", multiple: true, help: "Leave out; replaces CVS, .* and *~" },
    "follow-links": { help: "Follow links out of a folder, too; others are left out and told" },
    precompress: { value: "LIST", multiple: true, help: "Store compressed by the first of these: br, gzip" },
    siblings: { help: "Store what is compressed beside the file, as name.br and name.gz" },
    concurrency: { value: "N", help: "Files under way at once (64)" },
    invalidate: {
      value: "ID",
      help: "Invalidate in this CloudFront distribution what changed, now and in earlier runs",
    },
    verbose: { short: "v", help: "Name each file that is stored or removed" },
    json: { help: "Give the summary as JSON" },
    ...CONFIRM_OPTIONS,
  },
  examples: [
    ["collect ./public --to s3://media/static", "Stores what changed."],
    [
      "collect ./public --manifest --precompress br,gzip --prune 30d",
      "For a release, into the bucket of AWS_STORAGE_BUCKET_NAME.",
    ],
    ["collect ./public --to ./build --dry-run", "Shows what would be stored in a folder."],
  ],
  run: runCollect,
};

async function runCollect(call: Call): Promise<number> {
  const { io, screen, given, options } = call;
  const url = given.find((folder) => /^(s3:|[a-z][a-z0-9+.-]+:\/\/)/i.test(folder));
  if (url !== undefined) {
    throw new UsageError(`collect takes folders on disk, and stores them in --to: "${url}" is none`);
  }
  const { storage, label } = await targetOf(call);
  if (options.has("clear") && options.has("delete")) {
    throw new UsageError("--clear removes what --delete would: give one");
  }
  const distributionId = options.text("invalidate");
  if (distributionId !== undefined && !(storage instanceof S3Storage)) {
    throw new UsageError("--invalidate is for a place on S3");
  }
  const caches = distributionId === undefined || !(storage instanceof S3Storage)
    ? undefined
    : new CloudFrontCaches(call, distributionId, storage);
  const wanted: CollectOptions = {
    from: given,
    to: storage,
    ignore: options.texts("ignore"),
    followLinks: options.has("follow-links") ? "anywhere" : "inside",
    dryRun: options.has("dry-run"),
    clear: options.has("clear"),
    delete: options.has("delete"),
    concurrency: options.number("concurrency", 1, 1000),
    precompress: precompressOf(options),
    pruneAfterSeconds: options.seconds("prune"),
    missingReferences: options.has("allow-missing") ? "warn" : "error",
    invalidate: caches && ((pending, { signal }) => caches.invalidate(pending, signal)),
    signal: io.signal,
  };
  const sources = printable(given.join(", "));
  if (wanted.precompress?.as === "encoding" && !(storage instanceof S3Storage)) {
    screen.warn("compressed files in a folder are for LocalStorage alone: other servers need --siblings");
  }
  if (wanted.clear && !wanted.dryRun && !options.has("yes") && !options.has("no-input")) {
    const { copied, deleted } = await collect({ ...wanted, dryRun: true });
    const others = deleted === 0 ? "" : ` and remove ${count(deleted, "other")}`;
    await confirm(call, `Store ${count(copied, "file")} anew in ${label}${others}?`);
  }
  screen.note(`${screen.paint("bold", wanted.dryRun ? "Would collect" : "Collecting")} ${sources} → ${label}`);
  const isJson = options.has("json");
  const progress = new CollectProgress(screen, { isListed: !isJson && (wanted.dryRun! || options.has("verbose")) });
  const told: CollectEvent[] = [];
  const warnings = (): (string | undefined)[] =>
    told.filter(({ kind }) => kind === "warning").map(({ message }) => message);
  let summary: CollectSummary;
  try {
    summary = await collect({
      ...wanted,
      onProgress: (event) => {
        progress.on(event);
        if (isJson && (event.kind === "warning" || wanted.dryRun)) told.push(event);
      },
    });
  } catch (error) {
    const result = { dryRun: wanted.dryRun, error: explain(error), warnings: warnings() };
    if (isJson) await screen.report(json(result, 2));
    throw error;
  } finally {
    screen.end();
  }
  await progress.written();
  const invalidation = caches?.outcome;
  if (isJson) {
    const result = { ...report(summary, wanted, told), warnings: warnings(), ...(invalidation && { invalidation }) };
    await screen.report(json(result, 2));
  } else if (!options.has("quiet")) {
    await screen.report(summaryLine(summary, wanted, screen.paint("green", "✓", "stdout")));
  }
  if (invalidation !== undefined && "error" in invalidation) {
    screen.error(
      `The files are stored, but CloudFront did not accept the invalidation: ${invalidation.error}\n` +
        "  Its paths are remembered: the next run with --invalidate sends them again.",
    );
    return EXIT.failed;
  }
  const { pendingInvalidation: pending = [] } = summary;
  if (pending.length > 0) {
    const paths = count(invalidationPaths(pending, { location: storage.location }).length, "path");
    screen.note(
      caches === undefined
        ? `Pending invalidation of ${paths}: pass --invalidate ID to send it`
        : `Would invalidate ${paths}`,
    );
  }
  return EXIT.done;
}

async function targetOf({ io, given, options }: Call): Promise<{ storage: Storage; label: string }> {
  const to = options.text("to") ?? "s3:";
  const manifestVersion = options.text("manifest-version");
  if (manifestVersion !== undefined && manifestVersion !== "1.0" && manifestVersion !== "1.1") {
    throw new UsageError(`--manifest-version must be 1.0 or 1.1: it is "${manifestVersion}"`);
  }
  const manifest: ManifestOptions = { manifestVersion, staticUrl: options.text("static-url") };
  if (!options.has("manifest")) {
    const name = ["manifest-version", "static-url", "prune"].find((name) => options.text(name) !== undefined);
    if (name !== undefined) throw new UsageError(`--${name} is for --manifest`);
  }
  if (isS3(to)) {
    const { options: settings, name } = s3Settings(to, io);
    const located = { ...settings, location: name };
    const storage = options.has("manifest")
      ? new S3ManifestStaticStorage({ ...located, ...manifest })
      : new S3StaticStorage(located);
    return { storage, label: labelOf(storage, storage.location) };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(to)) throw new UsageError(`--to must be s3://bucket/prefix or a folder: "${to}"`);
  const target = await realFolder(to);
  for (const folder of given) {
    const source = await realFolder(folder);
    if (target.startsWith(source)) throw new UsageError(`--to ${to} is in ${folder}, and would be collected itself`);
    const option = ["clear", "delete"].find((name) => options.has(name));
    if (option !== undefined && source.startsWith(target)) {
      throw new UsageError(`${folder} is in --to ${to}: --${option} would remove it`);
    }
  }
  const local = new LocalStorage(to);
  return {
    storage: options.has("manifest") ? new ManifestStaticStorage(local, manifest) : local,
    label: printable(to),
  };
}

function precompressOf(options: Given): Precompress | undefined {
  const encodings = options.texts("precompress");
  const as = options.has("siblings") ? "siblings" : "encoding";
  if (encodings?.length === 0) throw new UsageError("--precompress must not be empty");
  if (encodings === undefined) {
    if (options.has("siblings")) throw new UsageError("--siblings is for --precompress br,gzip");
    return undefined;
  }
  const wrong = encodings.find((encoding) => encoding !== "br" && encoding !== "gzip");
  if (wrong !== undefined) throw new UsageError(`--precompress must be br, gzip or both: "${wrong}" is neither`);
  return { encodings: encodings as Precompress["encodings"], as };
}

function report(
  summary: CollectSummary,
  { dryRun }: CollectOptions,
  told: readonly CollectEvent[],
): Record<string, unknown> {
  const names = (...kinds: CollectEvent["kind"][]): string[] =>
    told.filter(({ kind }) => kinds.includes(kind)).map(({ name, storedName }) => storedName ?? name);
  const would = dryRun ? { stored: names("uploaded", "rewritten", "manifest"), removed: names("deleted") } : {};
  return { dryRun, ...summary, ...would };
}

function summaryLine(summary: CollectSummary, { dryRun, to }: CollectOptions, mark: string): string {
  const { copied, unmodified, postProcessed, deleted, bytesUploaded, elapsedMilliseconds, leftOut } = summary;
  const parts = [
    `${count(copied, "file")} ${dryRun ? "to store" : "stored"}`,
    `${count(unmodified, "file").replace(/ files?$/, "")} unchanged`,
    ...("hashedFiles" in to ? [count(postProcessed, "hashed copy", "hashed copies")] : []),
    ...(deleted > 0 ? [`${count(deleted, "file").replace(/ files?$/, "")} ${dryRun ? "to remove" : "removed"}`] : []),
    ...(leftOut.length > 0 ? [`${count(leftOut.length, "link")} left out`] : []),
  ];
  const line = `${parts.join(", ")} · ${bytes(bytesUploaded)} in ${duration(elapsedMilliseconds)}`;
  return dryRun ? `${line}. Nothing was changed.` : `${mark} ${line}`;
}
