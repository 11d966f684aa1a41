// deno-lint-ignore-file no-console -- what users write
/** Programs with files on records, uploads and responses, that compile. */
import { fileColumn } from "@storages/s3/drizzle";
import {
  deleteOrphans,
  FileField,
  fileField,
  type FileTransaction,
  type StoredFile,
  withFiles,
} from "@storages/s3/field";
import { FilePlugin } from "@storages/s3/kysely";
import { serve } from "@storages/s3/serve";
import type { Storage } from "@storages/s3/storage";
import { handleUpload, isCrossOrigin, UploadError, type UploadOptions } from "@storages/s3/upload";

interface User {
  readonly id: number;
  readonly avatar: string | null;
}

export async function keepsTheTypeOfTheRow(storage: Storage, user: User): Promise<string> {
  const avatars = fileField<User>(storage, { uploadTo: ({ id }, name) => `avatars/${id}/${name}`, maxLength: 100 });
  const stored: StoredFile<User> = await avatars.save("a.png", "…", { record: user });
  return await stored.replace("b.png", "…", { record: user, contentType: "image/png" });
}

export async function attachesAFileToARow(storage: Storage, user: User): Promise<string | undefined> {
  const row = fileField<User>(storage).attach(user, "avatar");
  const id: number = row.id; // the other columns stay
  return row.avatar.isEmpty ? undefined : `${id} ${await row.avatar.url({ expiresIn: 60 })}`;
}

export async function hasAFieldWithoutARow(storage: Storage): Promise<Uint8Array> {
  const files = new FileField(() => storage, { uploadTo: "documents/%Y/%m" });
  const stored = await files.save("a.txt", "text");
  await using _file = await stored.open({ lazy: true });
  return await stored.read();
}

export function takesReferences(storage: Storage, row: { readonly file: string | null }): string[] {
  const field = fileField(storage);
  const files = [field.file(row.file), field.file({ name: "a.txt" }), field.file(undefined)];
  return files.filter((file) => !file.isEmpty).map(String);
}

interface Database {
  transaction<T>(body: (tx: Database) => Promise<T>): Promise<T>;
  insert(row: User): Promise<void>;
}

export async function savesInATransaction(db: Database, storage: Storage, user: User): Promise<number> {
  const avatars = fileField<User>(storage);
  return await withFiles((body) => db.transaction(body), async (files: FileTransaction<Database>) => {
    const file = await files.save(avatars, "a.png", "…", { record: user });
    await files.transaction((tx) => tx.insert({ ...user, avatar: file.toJSON() }));
    files.deleteAfterCommit(avatars.file(user.avatar));
    return user.id;
  }, { onLeftBehind: (names, error) => console.log(names, error) });
}

export async function deletesFilesOfNobody(storage: Storage, names: readonly string[]): Promise<string[]> {
  return await deleteOrphans(storage, {
    folder: "avatars",
    referenced: () => names,
    olderThanSeconds: 86_400,
    maxDeletedFraction: 0.1,
    dryRun: true,
  });
}

export function makesColumns(storage: Storage): [string, FilePlugin] {
  const avatars = fileField<User>(storage, { maxLength: 100 });
  return [fileColumn(avatars).dataType(), new FilePlugin({ avatar: avatars, document: fileField(storage) })];
}

export async function receivesUploads(storage: Storage, request: Request): Promise<Response> {
  const options: UploadOptions = {
    name: ({ originalName, fields }) => `${fields.get("folder") ?? "inbox"}/${originalName}`,
    accept: ["image/*", ".pdf"],
    maxFileBytes: 5_000_000,
    onExisting: "rename",
    save: { cacheControl: "max-age=3600" },
    signal: request.signal,
  };
  try {
    if (isCrossOrigin(request, ["https://example.com"])) return new Response(null, { status: 403 });
    const { files, fields } = await handleUpload(storage, request, options);
    return Response.json({ title: fields.get("title"), names: files.map(({ name, size }) => `${name} ${size}`) });
  } catch (error) {
    if (error instanceof UploadError && error.code === "TooLarge") return error.toResponse();
    throw error;
  }
}

export async function servesFiles(storage: Storage, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/media/")) return await serve(storage, request, { prefix: "/media/", redirect: 307 });
  return await serve(storage, request, {
    name: "index.html",
    trusted: true,
    disposition: "inline",
    cacheControl: "no-cache",
    headers: { "x-frame-options": "DENY" },
  });
}
