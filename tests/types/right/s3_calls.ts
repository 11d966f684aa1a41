/** Programs with options that only S3 has, that compile. */
import { S3Storage } from "@storages/s3";
import { MemoryStorage } from "@storages/s3/storage";

export async function savesWithOptionsOfS3(storage: S3Storage): Promise<string> {
  return await storage.save("a.bin", new Uint8Array(8), {
    storageClass: "STANDARD_IA",
    acl: "public-read",
    tagging: { project: "apollo" },
    serverSideEncryption: "aws:kms",
    kmsKeyId: "alias/media",
    partSize: 16 * 1024 * 1024,
    objectParameters: { WebsiteRedirectLocation: "/b" },
    onExisting: "refuse",
  });
}

export async function opensToWriteWithOptionsOfS3(storage: S3Storage): Promise<void> {
  const file = await storage.open("a.bin", "wb", { storageClass: "GLACIER_IR", partSize: 8 * 1024 * 1024 });
  await file.close();
}

export async function readsAVersion(storage: S3Storage, versionId: string): Promise<string> {
  const { size } = await storage.stat("a.txt", { versionId });
  const file = await storage.open("a.txt", "r", { versionId, end: size });
  return await file.text() + await storage.readText("a.txt", { versionId });
}

export async function deletesAVersion(storage: S3Storage, versionId: string): Promise<void> {
  await storage.delete("a.txt", { versionId });
}

export async function changesAFileInPlace(storage: S3Storage): Promise<string> {
  return await storage.copy("a.txt", "a.txt", { metadata: { author: "ada" }, storageClass: "STANDARD" });
}

export async function copiesToTheArchive(storage: S3Storage, archive: S3Storage): Promise<string> {
  return await storage.copyTo("a.txt", archive, { storageClass: "GLACIER", name: "b.txt" });
}

export async function derivesStorages(storage: S3Storage): Promise<string> {
  const avatars: S3Storage = storage.with({ location: "avatars", fileOverwrite: false });
  const drafts: MemoryStorage = new MemoryStorage().with({ location: "drafts" });
  return await avatars.save("a.png", await drafts.readBytes("a.png"));
}

export async function takesCredentialsAsTheAwsSdkDoes(): Promise<string> {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token" };
  return await new S3Storage({ bucketName: "media", credentials }).url("a.txt", {
    method: "PUT",
    parameters: { ContentType: "text/plain", ContentLength: 5, "x-amz-meta-author": "ada" },
  });
}
