import { assertEquals } from "@std/assert";
import type { Storage } from "../../../src/storage/storage.ts";
import { FILES, type ServeCase } from "./serve_cases.ts";

/** Saves the files of the cases. */
export async function saveFiles(storage: Storage): Promise<void> {
  for (const [name, { text, gzip }] of Object.entries(FILES)) {
    const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
    await (gzip ? storage.save(name, packed, { contentEncoding: "gzip" }) : storage.save(name, text));
  }
}

/** Replaces the placeholders of a case by the file's state. */
export async function fillIn(storage: Storage, { file = "digits.txt" }: ServeCase): Promise<(text: string) => string> {
  if (!(file in FILES)) return (text) => text;
  const { etag, modifiedTime } = await storage.stat(file);
  const at = (seconds: number): string => new Date(+modifiedTime + seconds * 1000).toUTCString();
  return (text) =>
    text.replace("{etag}", etag).replace("{modified}", at(0)).replace("{before}", at(-60)).replace("{after}", at(60));
}

/** An answer, of `serve` or of a server. */
export interface Got {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly body: Uint8Array;
}

/** Compares a response with the case. */
export async function judge(one: ServeCase, got: Got, fill: (text: string) => string): Promise<void> {
  assertEquals(got.status, one.status, one.name);
  for (const [name, value] of Object.entries(one.answer ?? {})) {
    assertEquals(got.header(name), value === null ? null : fill(value), `${one.name}: ${name}`);
  }
  if (one.method === "HEAD" || one.status === 304) assertEquals(got.body.byteLength, 0, one.name);
  if (one.body === undefined) return;
  const isPacked = got.header("content-encoding") === "gzip";
  assertEquals(isPacked ? await unpacked(got.body) : new TextDecoder().decode(got.body), one.body, one.name);
}

async function unpacked(bytes: Uint8Array): Promise<string> {
  const stream = new Blob([bytes.slice()]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await new Response(stream).text();
}
