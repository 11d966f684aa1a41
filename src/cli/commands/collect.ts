import { stat } from "node:fs/promises";
import { invalidationPaths } from "../../cloudfront/invalidation/mod.ts";
import { NORMALIZATIONS } from "../../kit/text/normalization.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { collect } from "../../static/collect.ts";
import type { CollectEvent, CollectOptions, CollectSummary, Precompress } from "../../static/collect_options.ts";
import type { ManifestOptions } from "../../static/hashed_files.ts";
import { ManifestStaticStorage } from "../../static/manifest_static_storage.ts";
import { S3ManifestStaticStorage, S3StaticStorage } from "../../static/s3_static_storage.ts";
import { LocalStorage } from "../../storage/local/local_storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { CollectProgress } from "../output/collect_progress.ts";
import type { Call, Command, ParsedOptions } from "../command.ts";
import { confirm, CONFIRM_OPTIONS } from "../output/confirm.ts";
import { EXIT, explain, UsageError } from "../output/failure.ts";
import { bytes, count, duration, json, printable } from "../output/format.ts";
import { CloudFrontCaches } from "../invalidate.ts";
import { findPlace, isS3, labelOf, realFolder, s3Settings } from "../place.ts";

/** Stores static files in the place that serves them. */
export const collectCommand: Command = {
  name: "collect",
  usage: "FOLDER... [--to PLACE] [OPTIONS]",
  summary: "Store static files in the place that serves them; only changed files are stored.",
  details: "Of files with the same name, the one in the first folder is used. After an interruption, run the command " +
    "again: no file is stored twice, and the manifest is written last.",
  takes: [1, Infinity],
  options: {
    to: { value: "PLACE", help: "The target: s3://bucket/prefix, s3: (the AWS_* variables; the default) or a folder" },
    manifest: { help: "Also store hashed copies, and staticfiles.json with their names" },
    "manifest-version": { value: "1.0|1.1", help: "The manifest version to write; Django before 4.2 needs 1.0" },
    "static-url": { value: "PATH", help: "The start of absolute paths to these files, such as /static/" },
    "allow-missing": { help: "Only warn about references to missing files" },
    pages: { help: "Rewrite the references of HTML files, for a built site; implies --manifest" },
    "clean-urls": { help: "With --pages, also store about.html as about" },
    unhashed: { value: "GLOB", multiple: true, help: "Keep the names of matching files, such as sw.js" },
    "dry-run": { short: "n", help: "Change nothing, print what would be stored and removed" },
    delete: { help: "Remove files that are no longer in any folder" },
    clear: { help: "Store all files again and remove all others; asks first" },
    prune: { value: "TIME", help: "Remove hashed copies that no manifest has named for this time: 30d, 12h, 0s" },
    ignore: { short: "i", value: "GLOB", multiple: true, help: "Skip matching files; replaces CVS, .* and *~" },
    normalization: { value: "FORM", help: "Convert names to this Unicode form: NFC for folders of macOS" },
    "follow-links": { help: "Also follow links out of a folder; by default they are reported and skipped" },
    precompress: { value: "LIST", multiple: true, help: "Store text compressed with the first of these: br, gzip" },
    siblings: { help: "Store compressed copies beside the file, as name.br and name.gz" },
    concurrency: { value: "N", help: "Files stored at the same time (64)" },
    invalidate: {
      value: "ID",
      help: "Invalidate changed paths in this CloudFront distribution, also those of earlier runs",
    },
    verbose: { short: "v", help: "Print each file that is stored or removed" },
    json: { help: "Print the summary as JSON" },
    ...CONFIRM_OPTIONS,
  },
  examples: [
    ["collect ./public --to s3://media/static", "Stores the changed files."],
    [
      "collect ./public --manifest --precompress gzip --prune 30d",
      "For a release, to the bucket of AWS_STORAGE_BUCKET_NAME.",
    ],
    ["collect ./dist --pages --to s3://site", "Deploys a built site, with hashed names and short-lived pages."],
    ["collect ./public --to ./build --dry-run", "Prints what would be stored in a folder."],
  ],
  run: runCollect,
};

async function runCollect(call: Call): Promise<number> {
  const { screen, args, options } = call;
  const url = args.find((folder) => /^(s3:|[a-z][a-z0-9+.-]+:\/\/)/i.test(folder));
  if (url !== undefined) {
    throw new UsageError(`collect takes folders on disk, got "${url}": pass the target with --to`);
  }
  const { storage, label } = await targetOf(call);
  const caches = cachesOf(call, storage);
  const wanted = collectOptionsOf(call, caches);
  const sources = printable(args.join(", "));
  if (wanted.precompress?.as === "encoding" && !(storage instanceof S3Storage)) {
    screen.warn("only LocalStorage can serve compressed files of a folder: other servers need --siblings");
  }
  if (
    wanted.precompress?.as === "encoding" && wanted.precompress.encodings[0] === "br" && storage instanceof S3Storage
  ) {
    screen.warn(
      "S3 sends Brotli also to clients that cannot read it, such as curl: only the `serve` of this package decompresses it. " +
        "Pass --precompress gzip, which all clients read",
    );
  }
  if (wanted.clear && !wanted.dryRun) await confirmClear(call, storage, wanted, label);
  screen.note(`${screen.paint("bold", wanted.dryRun ? "Would collect" : "Collecting")} ${sources} → ${label}`);
  const { summary, events } = await collectWithProgress(call, storage, wanted);
  const invalidation = caches?.outcome;
  if (options.has("json")) {
    const result = {
      ...report(summary, wanted, events),
      warnings: warningsOf(events),
      ...(invalidation && { invalidation }),
    };
    await screen.report(json(result, 2));
  } else if (!options.has("quiet")) {
    await screen.report(summaryLine(summary, storage, wanted, screen.paint("green", "✓", "stdout")));
  }
  if (invalidation !== undefined && "error" in invalidation) {
    screen.error(
      `The files were stored, but the CloudFront invalidation failed: ${invalidation.error}\n` +
        "  The next run with --invalidate sends its paths again.",
    );
    return EXIT.failed;
  }
  notePending(call, summary, storage, caches !== undefined);
  return EXIT.done;
}

function cachesOf(call: Call, storage: Storage): CloudFrontCaches | undefined {
  const distributionId = call.options.text("invalidate");
  if (distributionId === undefined) return undefined;
  if (storage instanceof S3Storage) return new CloudFrontCaches(call, distributionId, storage);
  throw new UsageError("--invalidate needs a target on S3");
}

function collectOptionsOf(
  { io, args, options }: Call,
  caches: CloudFrontCaches | undefined,
): CollectOptions {
  if (options.has("clear") && options.has("delete")) {
    throw new UsageError("--clear cannot be combined with --delete");
  }
  return {
    from: args,
    ignore: options.texts("ignore"),
    normalization: normalizationOf(options),
    followLinks: options.has("follow-links") ? "anywhere" : "inside",
    dryRun: options.has("dry-run"),
    clear: options.has("clear"),
    delete: options.has("delete"),
    concurrency: options.number("concurrency", 1, 1000),
    precompress: precompressOf(options),
    pruneAfterSeconds: options.seconds("prune"),
    unhashed: options.texts("unhashed"),
    pages: options.has("pages") ? { cleanUrls: options.has("clean-urls") } : undefined,
    missingReferences: options.has("allow-missing") ? "warn" : "error",
    invalidate: caches && ((pending, { signal }) => caches.invalidate(pending, signal)),
    signal: io.signal,
  };
}

function normalizationOf(options: ParsedOptions): CollectOptions["normalization"] {
  const form = options.text("normalization");
  if (form === undefined || NORMALIZATIONS.includes(form)) return form as CollectOptions["normalization"];
  throw new UsageError(`--normalization must be one of ${NORMALIZATIONS.join(", ")}, got "${form}"`);
}

/** Asks whether to replace and remove as many files as a dry run counts. */
async function confirmClear(
  call: Call,
  storage: Storage,
  wanted: CollectOptions,
  label: string,
): Promise<void> {
  if (call.options.has("yes") || call.options.has("no-input")) return;
  const { copied, deleted } = await collect(storage, { ...wanted, dryRun: true });
  const others = deleted === 0 ? "" : ` and remove ${count(deleted, "other")}`;
  await confirm(call, `Store ${count(copied, "file")} in ${label}${others}?`);
}

/** Runs `collect` with a progress line. Returns the events that the JSON output contains. */
async function collectWithProgress(
  { screen, options }: Call,
  storage: Storage,
  wanted: CollectOptions,
): Promise<{ summary: CollectSummary; events: CollectEvent[] }> {
  const isJson = options.has("json");
  const isListed = !isJson && (wanted.dryRun! || options.has("verbose"));
  const progress = new CollectProgress(screen, { isListed, isDryRun: wanted.dryRun! });
  const events: CollectEvent[] = [];
  try {
    const summary = await collect(storage, {
      ...wanted,
      onProgress: (event) => {
        progress.on(event);
        if (isJson && (event.kind === "warning" || wanted.dryRun)) events.push(event);
      },
    });
    screen.end();
    await progress.written();
    return { summary, events };
  } catch (error) {
    screen.end();
    const result = { dryRun: wanted.dryRun, error: explain(error), warnings: warningsOf(events) };
    if (isJson) await screen.report(json(result, 2));
    throw error;
  }
}

function warningsOf(events: readonly CollectEvent[]): (string | undefined)[] {
  return events.filter(({ kind }) => kind === "warning").map(({ message }) => message);
}

function notePending({ screen }: Call, summary: CollectSummary, storage: Storage, isInvalidated: boolean): void {
  const { pendingInvalidation: pending = [] } = summary;
  if (pending.length === 0) return;
  const paths = count(invalidationPaths(pending, { location: storage.location }).length, "path");
  screen.note(
    isInvalidated ? `Would invalidate ${paths}` : `Pending invalidation of ${paths}: pass --invalidate ID to send it`,
  );
}

async function targetOf({ io, args, options }: Call): Promise<{ storage: Storage; label: string }> {
  const to = options.text("to") ?? "s3:";
  const manifestVersion = options.text("manifest-version");
  if (manifestVersion !== undefined && manifestVersion !== "1.0" && manifestVersion !== "1.1") {
    throw new UsageError(`--manifest-version must be 1.0 or 1.1, got "${manifestVersion}"`);
  }
  const staticUrl = options.text("static-url");
  if (staticUrl !== undefined && !/^\/([^/]|$)/.test(staticUrl)) {
    throw new UsageError(`--static-url must be a path such as /static/, got "${staticUrl}"`);
  }
  for (const folder of args) {
    if ((await stat(folder).catch(() => undefined))?.isFile()) {
      throw new UsageError(`collect takes folders, got the file ${printable(folder)}`);
    }
  }
  const manifest: ManifestOptions = { manifestVersion, staticUrl };
  if (options.has("clean-urls") && !options.has("pages")) {
    throw new UsageError("--clean-urls can only be used with --pages");
  }
  const hasManifest = options.has("manifest") || options.has("pages");
  if (!hasManifest) {
    const name = ["manifest-version", "static-url", "prune", "unhashed"].find((name) =>
      options.text(name) !== undefined || options.texts(name) !== undefined
    );
    if (name !== undefined) throw new UsageError(`--${name} can only be used with --manifest`);
  }
  if (isS3(to)) {
    const { options: settings, name } = s3Settings(to, io);
    const located = { ...settings, location: name };
    const storage = hasManifest
      ? new S3ManifestStaticStorage({ ...located, ...manifest })
      : new S3StaticStorage(located);
    return { storage, label: labelOf(storage, storage.location) };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(to)) {
    throw new UsageError(`--to must be s3://bucket/prefix or a folder, got "${to}"`);
  }
  if (!(await findPlace(to.replace(/\/?$/, "/"), io)).isFolder) {
    throw new UsageError(`--to must be a folder, got the file ${printable(to)}`);
  }
  const target = await realFolder(to);
  for (const folder of args) {
    const source = await realFolder(folder);
    if (target.startsWith(source)) {
      throw new UsageError(`Cannot collect ${folder} to ${to}: the target is inside the source`);
    }
    const option = ["clear", "delete"].find((name) => options.has(name));
    if (option !== undefined && source.startsWith(target)) {
      throw new UsageError(`--${option} would remove ${folder}: it is inside the target ${to}`);
    }
  }
  const local = new LocalStorage(to, { blocking: true });
  return {
    storage: hasManifest ? new ManifestStaticStorage(local, manifest) : local,
    label: printable(to),
  };
}

function precompressOf(options: ParsedOptions): Precompress | undefined {
  const encodings = options.texts("precompress");
  const as = options.has("siblings") ? "siblings" : "encoding";
  if (encodings?.length === 0) throw new UsageError("--precompress must not be empty");
  if (encodings === undefined) {
    if (options.has("siblings")) throw new UsageError("--siblings can only be used with --precompress");
    return undefined;
  }
  const wrong = encodings.find((encoding) => encoding !== "br" && encoding !== "gzip");
  if (wrong !== undefined) throw new UsageError(`--precompress must be br, gzip or both, got "${wrong}"`);
  return { encodings: encodings as Precompress["encodings"], as };
}

function report(
  summary: CollectSummary,
  { dryRun }: CollectOptions,
  events: readonly CollectEvent[],
): Record<string, unknown> {
  const names = (...kinds: CollectEvent["kind"][]): string[] =>
    events.filter(({ kind }) => kinds.includes(kind)).map(({ name, storedName }) => storedName ?? name);
  const would = dryRun ? { stored: names("uploaded", "rewritten", "manifest"), removed: names("deleted") } : {};
  return { dryRun, ...summary, ...would };
}

function summaryLine(
  summary: CollectSummary,
  storage: Storage,
  { dryRun }: CollectOptions,
  mark: string,
): string {
  const { copied, unmodified, postProcessed, deleted, bytesUploaded, elapsedMilliseconds, omitted } = summary;
  const parts = [
    `${count(copied, "file")} ${dryRun ? "to store" : "stored"}`,
    `${count(unmodified, "file").replace(/ files?$/, "")} unchanged`,
    ...("hashedFiles" in storage ? [count(postProcessed, "hashed copy", "hashed copies")] : []),
    ...(deleted > 0 ? [`${count(deleted, "file").replace(/ files?$/, "")} ${dryRun ? "to remove" : "removed"}`] : []),
    ...(omitted.length > 0 ? [`${count(omitted.length, "link")} skipped`] : []),
  ];
  const line = `${parts.join(", ")} · ${bytes(bytesUploaded)} in ${duration(elapsedMilliseconds)}`;
  return dryRun ? `${line}. Nothing was changed.` : `${mark} ${line}`;
}
