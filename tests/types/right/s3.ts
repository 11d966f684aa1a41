// deno-lint-ignore-file no-console -- what users write
/** Programs with buckets and settings, that compile. */
import {
  type CannedAcl,
  type CredentialProvider,
  type Credentials,
  type NamedSettings,
  type ObjectParameters,
  S3Storage,
  type S3StorageOptions,
  type StorageClass,
} from "@storages/s3";
import { migrateSettings } from "@storages/s3/migration";
import { b2, ceph, gcs, minio, type Preset, r2 } from "@storages/s3/presets";
import { createS3Server } from "@storages/s3/testing";

export function takesSettingsFromTheEnvironment(): S3Storage {
  return new S3Storage({ bucketName: "media" });
}

export function takesSettingsOfABackend(): S3Storage {
  return new S3Storage({
    bucketName: "media",
    accessKey: "AKIDEXAMPLE",
    secretKey: "secret",
    regionName: "eu-west-1",
    location: "uploads",
    defaultAcl: "public-read",
    querystringExpire: 600,
    objectParameters: { CacheControl: "max-age=86400", StorageClass: "INTELLIGENT_TIERING" },
    transferConfig: { partSize: 16 * 1024 * 1024, maxConcurrency: 8 },
    clientConfig: { maxAttempts: 3, timeout: 30 },
    gzip: true,
  });
}

export function takesAPreset(): S3Storage[] {
  const presets: Preset[] = [
    r2({ accountId: "0123456789abcdef0123456789abcdef", jurisdiction: "eu" }),
    gcs(),
    b2({ region: "us-west-004" }),
    minio({ endpointUrl: "http://localhost:9000" }),
    ceph({ endpointUrl: "http://localhost:8000", regionName: "default" }),
  ];
  return presets.map((preset) => new S3Storage({ bucketName: "media", ...preset }));
}

export function takesAClassFromAService(name: string): ObjectParameters {
  const known: StorageClass = "GLACIER_IR";
  const other: StorageClass = name; // a service may have classes of its own
  return { StorageClass: name === "" ? known : other, ServerSideEncryption: "aws:kms", SSEKMSKeyId: "alias/media" };
}

export function takesAnAcl(isPublic: boolean): S3Storage {
  const defaultAcl: CannedAcl = isPublic ? "public-read" : "private";
  return new S3Storage({ bucketName: "media", defaultAcl });
}

export function takesCredentialsFromAVault(vault: { read(): Promise<Credentials> }): S3Storage {
  const credentials: CredentialProvider = () => vault.read();
  return new S3Storage({ bucketName: "media", credentials });
}

export function takesNamesOfDjango(): S3Storage {
  const named: NamedSettings = {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_S3_REGION_NAME: "eu-west-1",
    AWS_QUERYSTRING_AUTH: false,
    AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=86400" },
    AWS_S3_CLIENT_CONFIG: { retries: { max_attempts: 2, mode: "standard" }, read_timeout: 20, callTimeout: 300 },
    AWS_S3_TRANSFER_CONFIG: { multipart_chunksize: 16_777_216, max_concurrency: null },
  };
  return S3Storage.fromSettings(named);
}

export function migratesSettings(): S3Storage {
  const { settings, changes } = migrateSettings({ AWS_STORAGE_BUCKET_NAME: "media", AWS_HEADERS: {} });
  for (const { from, to, message } of changes) console.log(from, to ?? "", message);
  return S3Storage.fromSettings(settings);
}

export class MediaStorage extends S3Storage {
  static override settings: S3StorageOptions = { bucketName: "media", addressingStyle: "path" };

  override getObjectParameters(name: string): ObjectParameters {
    return name.endsWith(".html") ? { CacheControl: "no-cache" } : super.getObjectParameters(name);
  }

  override getValidName(name: string): string {
    return super.getValidName(name).toLowerCase();
  }
}

export class CheckedStorage extends S3Storage {
  static override settings = { bucketName: "media", addressingStyle: "path" } satisfies S3StorageOptions;
}

export function usesASubclass(): [MediaStorage, CheckedStorage] {
  const media: MediaStorage = MediaStorage.fromSettings({ AWS_LOCATION: "media" });
  return [media, new CheckedStorage({ location: "avatars" })];
}

export function takesAUrl(): S3Storage {
  return S3Storage.fromUrl(new URL("s3://media/uploads?regionName=eu-west-1"));
}

export function takesAFetchOfItsOwn(): S3Storage {
  const server = createS3Server({ buckets: ["media"], now: () => new Date(), versioning: ["media"] });
  return new S3Storage({ bucketName: "media", accessKey: "a", secretKey: "b", fetch: server.fetch });
}

export function takesTheFetchOfTheRuntime(): S3Storage {
  return new S3Storage({ bucketName: "media", fetch: (request) => fetch(request), now: () => new Date() });
}

export async function makesUrls(storage: S3Storage): Promise<string[]> {
  return [
    await storage.url("a.txt"),
    await storage.url("a.txt", { expiresIn: 60, downloadName: "Notes of Ada.txt" }),
    await storage.url("a.txt", { method: "PUT", parameters: { ContentType: "text/plain", ContentLength: 5 } }),
    await storage.url("a.txt", { parameters: { ResponseCacheControl: "no-store", VersionId: "1" } }),
    storage.urlSync("a.txt", { window: 300, expiresIn: 3600 }),
  ];
}

export async function makesAForm(storage: S3Storage): Promise<FormData> {
  const { url, fields } = await storage.presignedPost("uploads/${filename}", {
    expiresIn: 600,
    fields: { "Content-Type": "image/png" },
    conditions: [["content-length-range", 1, 5_000_000]],
  });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set("action", url);
  return form;
}

export async function uploadsPartsFromABrowser(storage: S3Storage, etags: readonly string[]): Promise<string> {
  const { name, uploadId, urls } = await storage.uploads.create("big.bin", { size: 20_000_000, partSize: 5_242_880 });
  console.log(urls.length);
  const { etag } = await storage.uploads.complete(name, uploadId, { etags, size: 20_000_000, onExisting: "refuse" });
  return etag;
}

export async function abortsOldUploads(storage: S3Storage): Promise<Date[]> {
  const aborted = await storage.uploads.abortIncomplete({ olderThanSeconds: 86_400 });
  for await (const upload of storage.uploads.list({ prefix: "big" })) {
    await storage.uploads.abort(upload.name, upload.uploadId);
  }
  return aborted.map(({ initiated }) => initiated);
}

export async function changesTags(storage: S3Storage): Promise<string> {
  await storage.setTags("a.txt", { project: "apollo" });
  const tags = await storage.getTags("a.txt");
  return tags["project"] ?? "";
}

export async function restoresAVersion(storage: S3Storage): Promise<string | undefined> {
  for await (const { versionId, isLatest, isDeleteMarker } of storage.versions.list("a.txt")) {
    if (isLatest || isDeleteMarker) continue;
    return (await storage.versions.restore("a.txt", versionId)).versionId;
  }
  return undefined;
}

export async function restoresAnArchivedFile(storage: S3Storage): Promise<boolean> {
  const state = await storage.restoreArchived("a.bin", { days: 3, tier: "Bulk" });
  return state === "restored" || (await storage.stat("a.bin")).restore?.ongoing === false;
}

export async function changesAnAcl(storage: S3Storage): Promise<readonly string[]> {
  await storage.setAcl("a.txt", "public-read");
  const { grants } = await storage.getAcl("a.txt");
  return grants.map(({ permission }) => permission);
}

export async function sendsARequestOfItsOwn(storage: S3Storage): Promise<string> {
  const response = await storage.request({ method: "GET", name: "a.txt", query: { torrent: "" }, headers: {} });
  return await response.text();
}
