// deno-lint-ignore-file no-console -- what users write
/** Programs that read, and compile. */
import type { BinaryFile, FileEntry, FileStat, Storage, StorageEntry, TextFile } from "@storages/s3/storage";

export async function readsText(storage: Storage): Promise<string> {
  return await storage.readText("notes/a.txt");
}

export async function readsTextOrNothing(storage: Storage): Promise<string | undefined> {
  return await storage.exists("notes/a.txt") ? await storage.readText("notes/a.txt") : undefined;
}

export async function readsTypedJson(storage: Storage): Promise<number> {
  const settings = await storage.readJson<{ readonly theme: string; readonly size: number }>("settings.json");
  return settings.theme.length + settings.size;
}

export async function readsUnknownJson(storage: Storage): Promise<string> {
  const settings = await storage.readJson("settings.json");
  return typeof settings === "string" ? settings : JSON.stringify(settings);
}

export async function readsTheFirstBytes(storage: Storage): Promise<Uint8Array<ArrayBuffer>> {
  return await storage.readBytes("logo.png", { start: 0, end: 16 });
}

export async function readsBytesIntoABlob(storage: Storage): Promise<Blob> {
  return new Blob([await storage.readBytes("logo.png")], { type: "image/png" });
}

export async function opensTextByDefault(storage: Storage): Promise<string> {
  const file: TextFile = await storage.open("a.txt");
  try {
    const text: string = await file.read(7);
    return text + await file.readline();
  } finally {
    await file.close();
  }
}

export async function opensBytes(storage: Storage): Promise<number> {
  const file: BinaryFile = await storage.open("a.bin", "rb", { start: 100, end: 200, lazy: true });
  const bytes: Uint8Array<ArrayBuffer> = await file.read(10);
  await file.close();
  return bytes.length;
}

export async function disposesOfAFile(storage: Storage): Promise<string> {
  await using file = await storage.open("a.txt", "r");
  return await file.text();
}

export async function readsLinesOfACompressedFile(storage: Storage): Promise<number> {
  let longest = 0;
  const file = await storage.open("log.jsonl.gz", "r", { decompress: "gzip" });
  for await (const line of file.lines()) longest = Math.max(longest, line.length);
  return longest;
}

export async function readsChunks(storage: Storage): Promise<number> {
  let size = 0;
  for await (const bytes of (await storage.open("a.bin", "rb", { spool: true })).chunks(4096)) size += bytes.byteLength;
  return size;
}

export async function respondsWithAFile(storage: Storage): Promise<Response> {
  const file = await storage.open("a.bin", "rb");
  return new Response(file.readable, { headers: { "content-length": String(file.size) } });
}

export async function opensInAModeThatIsAVariable(storage: Storage, asText: boolean): Promise<number> {
  const file = await storage.open("a.txt", asText ? "r" : "rb");
  return (await file.read(3)).length;
}

export async function downloadsWithProgress(storage: Storage): Promise<Response> {
  const stream = await storage.download("big.bin", {
    partSize: 8 * 1024 * 1024,
    maxConcurrency: 4,
    onProgress: ({ bytes, total }) => console.log(Math.round(bytes / total * 100)),
    signal: AbortSignal.timeout(60_000),
  });
  return new Response(stream);
}

export async function downloadsToAFile(storage: Storage): Promise<number> {
  return await storage.downloadTo("big.bin", "/tmp/big.bin");
}

export async function downloadsToAStream(storage: Storage, target: WritableStream<Uint8Array>): Promise<number> {
  return await storage.downloadTo("big.bin", target);
}

export async function showsAttributes(storage: Storage): Promise<string> {
  const { size, contentType, metadata, modifiedTime, etag }: FileStat = await storage.stat("a.txt");
  return `${size} ${contentType ?? "unknown"} ${metadata["author"] ?? ""} ${modifiedTime.toISOString()} ${etag}`;
}

export async function listsAFolder(storage: Storage): Promise<string[]> {
  const [folders, files] = await storage.listdir("notes");
  return [...folders.map((name) => `${name}/`), ...files];
}

export async function listsAllFiles(storage: Storage): Promise<number> {
  let bytes = 0;
  for await (const entry of storage.list("", { recursive: true })) {
    const file: FileEntry = entry; // a recursive list has no folders
    bytes += file.size;
  }
  return bytes;
}

export async function narrowsEntriesByKind(storage: Storage): Promise<string> {
  let text = "";
  for await (const entry of storage.list("notes")) {
    text += entry.kind === "file" ? `${entry.name} ${entry.size}` : `${entry.name}/`;
  }
  return text;
}

export async function listsAPageAfterACursor(storage: Storage, cursor: StorageEntry): Promise<StorageEntry[]> {
  const entries: StorageEntry[] = [];
  for await (const entry of storage.list("logs", { prefix: "2026-11", startAfter: cursor, limit: 100 })) {
    entries.push(entry);
  }
  return entries;
}

export async function reportsOmittedEntries(storage: Storage): Promise<string[]> {
  const omitted: string[] = [];
  const onOmitted = (name: string, reason: string): void => void omitted.push(`${name}: ${reason}`);
  for await (const _ of storage.list("", { recursive: true, onOmitted }));
  return omitted;
}
