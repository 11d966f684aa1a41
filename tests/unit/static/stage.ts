/** Helpers of the tests of static files. */
import { collect, type CollectEvent, type CollectOptions, type CollectSummary } from "../../../src/static/mod.ts";
import type { StaticFile } from "../../../src/static/mod.ts";
import type { Storage } from "../../../src/storage/mod.ts";

/** Files by name, with their content. */
export type Files = Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>;

/** A source of files in memory. */
export async function* source(files: Files): AsyncGenerator<StaticFile> {
  for (const [name, content] of Object.entries(files)) {
    const blob = new Blob([content]);
    yield await Promise.resolve({ name, size: blob.size, stream: () => blob.stream() });
  }
}

export interface Collected extends CollectSummary {
  readonly events: readonly CollectEvent[];
  readonly warnings: readonly string[];
}

/** Collects files in memory, and returns the summary with all events. */
export async function collectFiles(
  files: Files,
  to: Storage,
  options: Partial<CollectOptions> = {},
): Promise<Collected> {
  const events: CollectEvent[] = [];
  const summary = await collect(to, { from: source(files), onProgress: (event) => events.push(event), ...options });
  return { ...summary, events, warnings: events.flatMap(({ message }) => message ?? []) };
}

/** The names of all files of a storage. */
export async function namesOf(storage: Storage): Promise<string[]> {
  return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name).sort();
}

export async function textOf(storage: Storage, name: string): Promise<string> {
  return await (await storage.open(name)).text();
}
