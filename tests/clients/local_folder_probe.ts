/**
 * Writes the files of a LocalStorage, or reports them, on Deno, Bun or Node.
 *
 * The argument is JSON: the folder and the action; the results are the files, as this runtime sees them.
 */
import { LocalStorage } from "../../src/storage/mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

/** What the probe does. */
export interface FolderTask {
  readonly action: "write" | "read" | "replace";
  readonly folder: string;
  /** Goes into the content and the attributes. */
  readonly writer: string;
}

/** A file, as a runtime sees it. */
export interface SeenFile {
  readonly name: string;
  readonly listed: unknown;
  readonly stat: unknown;
  readonly text: string;
}

/** Names that a runtime might spell in another way: Unicode forms, lengths and characters. */
const ODD_NAMES = [
  "nfc/\u00e9\u00c5.txt",
  "nfd/e\u0301A\u030a.txt",
  "hangul/\u1112\u1161\u11ab",
  "emoji/\u{1f469}\u200d\u{1f52c}.txt",
  `long/${"\u00e9\u{1f600}".repeat(90)}.txt`,
  "odd/a b%41\\c\n'\"*?.txt",
  "odd/ leading and trailing ",
  "odd/-rf",
  "odd/CON",
];

const text = (name: string, { writer }: FolderTask): string => `${name} of ${writer}`;

async function write(storage: LocalStorage, task: FolderTask): Promise<void> {
  const { writer } = task;
  const metadata = { writer, note: "a value; ".repeat(20).trim() };
  await storage.save("described.dat", text("described.dat", task), {
    contentType: "application/vnd.example+json",
    contentEncoding: "x-none",
    contentDisposition: 'attachment; filename="a.dat"',
    contentLanguage: "de",
    cacheControl: "max-age=60",
    metadata,
  });
  await storage.save("typed.txt", text("typed.txt", task), { contentType: "image/png" });
  await storage.save("plain.txt", text("plain.txt", task));
  const file = await storage.open("opened.bin", "wb", { metadata });
  await file.write(new TextEncoder().encode(text("opened.bin", task)));
  await file.close();
  await storage.copy("described.dat", "copied.dat");
  for (const name of ODD_NAMES) await storage.save(name, text(name, task), { metadata });
}

async function see(storage: LocalStorage): Promise<SeenFile[]> {
  const seen: SeenFile[] = [];
  for await (const { name, size, etag, modifiedTime } of storage.list("", { recursive: true })) {
    const listed = { size, etag, modifiedTime };
    seen.push({ name, listed, stat: await storage.stat(name), text: await storage.readText(name) });
  }
  return seen;
}

/** Replaces each file, on the condition that it is the one that was seen. */
async function replace(storage: LocalStorage, task: FolderTask): Promise<void> {
  for await (const { name, etag } of storage.list("", { recursive: true })) {
    await storage.save(name, text(name, task), { ifMatch: etag });
  }
}

const { process } = globalThis as unknown as { process: { readonly argv: readonly string[] } };
const task: FolderTask = JSON.parse(process.argv.at(-1)!);
const storage = new LocalStorage(task.folder);
if (task.action === "write") await write(storage, task);
if (task.action === "replace") await replace(storage, task);
// deno-lint-ignore no-console -- the test reads it
console.log(RESULTS_MARKER + JSON.stringify(await see(storage)));
