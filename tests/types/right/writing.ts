// deno-lint-ignore-file no-console -- what users write
/** Programs that write, and compile. */
import type { OnExisting, SaveContent, SaveOptions, Storage, TransferProgress } from "@storages/s3/storage";
import { isStorageError } from "@storages/s3/errors";

export async function savesText(storage: Storage): Promise<string> {
  return await storage.save("notes/a.txt", "storage contents");
}

export async function savesWithAttributes(storage: Storage): Promise<string> {
  return await storage.save("notes/a.txt", "storage contents", {
    contentType: "text/plain; charset=utf-8",
    cacheControl: "max-age=3600",
    contentDisposition: "attachment",
    metadata: { author: "ada" },
    onExisting: "rename",
  });
}

export async function savesEveryKindOfContent(storage: Storage, request: Request): Promise<void> {
  const contents: SaveContent[] = [
    "text",
    new Uint8Array(8),
    new ArrayBuffer(8),
    new DataView(new ArrayBuffer(8)),
    new Blob(["text"]),
    new Response("text"),
    request,
    ["several ", "texts"],
    new Blob(["text"]).stream(),
    new Response("text").body ?? "",
    pieces(),
    await storage.open("a.bin", "rb"),
  ];
  for (const content of contents) await storage.save("a.bin", content);
}

async function* pieces(): AsyncGenerator<string | Uint8Array> {
  yield "text";
  yield new TextEncoder().encode(await Promise.resolve("bytes"));
}

export async function savesABlobUnderItsOwnName(storage: Storage, form: FormData): Promise<string> {
  const file = form.get("file");
  if (file === null || typeof file === "string") throw new TypeError("file is missing");
  return await storage.save(file.name, file);
}

export async function savesAnUploadAsItArrives(storage: Storage, request: Request): Promise<string> {
  return await storage.save("upload.bin", request, { signal: request.signal });
}

export async function updatesWithACondition(storage: Storage): Promise<string> {
  const { etag } = await storage.save("counter.json", "1", { details: true });
  const saved = await storage.save("counter.json", "2", { ifMatch: etag, details: true });
  return saved.etag;
}

export async function createsOnce(storage: Storage): Promise<boolean> {
  try {
    await storage.save("lock", "", { onExisting: "refuse" });
    return true;
  } catch (error) {
    if (isStorageError(error, "AlreadyExists")) return false;
    throw error;
  }
}

export async function learnsWhatWasStored(storage: Storage): Promise<string> {
  const saved = await storage.save("a.txt", "text", { details: true });
  return `${saved.name} ${saved.size} ${saved.versionId ?? ""}`;
}

export async function identifiesAWrite(storage: Storage): Promise<boolean> {
  const saved = await storage.save("a.txt", "text", { identify: true });
  return saved.writeId !== undefined && saved.replaced;
}

export async function passesOptionsOn(storage: Storage, options: SaveOptions): Promise<string> {
  const defaults: SaveOptions = { cacheControl: "no-store" };
  return await storage.save("a.txt", "text", { ...defaults, ...options, details: false, identify: false });
}

export async function passesAnAbsentOptionOn(storage: Storage, contentType: string | undefined): Promise<string> {
  return await storage.save("a.txt", "text", { contentType, signal: undefined, metadata: undefined });
}

export async function choosesAPolicy(storage: Storage, policy: OnExisting): Promise<string> {
  return await storage.copy("a.txt", "b.txt", { onExisting: policy });
}

export async function writesPieces(storage: Storage): Promise<number> {
  const file = await storage.open("big.txt", "wb", { contentType: "text/plain", deleteOnAbort: true });
  try {
    await file.write("storage ");
    await file.write(new TextEncoder().encode("contents"));
    await file.close();
  } catch (error) {
    await file.abort(error);
    throw error;
  }
  return file.stored?.size ?? 0;
}

export async function writesInABlock(storage: Storage): Promise<void> {
  await using file = await storage.open("big.txt", "w", { onExisting: "refuse", ifNoneMatch: "*" });
  await file.write("storage contents");
  await file.close();
}

export async function pipesAStream(storage: Storage, source: ReadableStream<Uint8Array>): Promise<void> {
  const onProgress = ({ bytes, parts, total }: TransferProgress): void => console.log(bytes, parts, total);
  const file = await storage.open("big.bin", "wb", { onProgress });
  await source.pipeTo(file.writable);
}

export async function copiesToAnotherStorage(storage: Storage, archive: Storage): Promise<string> {
  return await storage.copyTo("a.txt", archive, { name: "2026/a.txt", metadata: { from: "media" } });
}

export async function deletesAFolder(storage: Storage): Promise<void> {
  const names = async function* (): AsyncGenerator<string> {
    for await (const { name } of storage.list("old", { recursive: true })) yield name;
  };
  await storage.deleteMany(names());
}

export async function deletesOneVersionOfAFile(storage: Storage): Promise<void> {
  const saved = await storage.save("a.txt", "text", { details: true });
  await storage.delete(saved.name, { ifMatch: saved });
}
