/**
 * What a storage must do in a browser. The HTTP cache keeps what was read: each case must get what the server has, in every
 * order of calls. A page runs this file as a script, and so does a service worker. Both send the results to the site.
 */
import { S3Storage } from "../../mod.ts";
import { S3ManifestStaticStorage } from "../../src/static/mod.ts";

/** The outcome of a case. */
export interface CaseOutcome {
  readonly name: string;
  readonly expected: string;
  readonly got: string;
}

/** What the server tells. */
export interface BrowserSettings {
  readonly endpointUrl: string;
  /** Of a server without rules for CORS. */
  readonly closedEndpointUrl: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucketName: string;
}

const KIB = 1024;
const LENGTH = 200 * KIB;
/** Lets the browser answer from its cache for an hour. */
const CACHED = { cacheControl: "max-age=3600" };

type Case = (storage: S3Storage, settings: BrowserSettings) => Promise<readonly [expected: string, got: string]>;

/** Text whose parts differ from each other, and from those of another seed. */
function text(seed: string): string {
  let all = "";
  for (let index = 0; all.length < LENGTH; index++) all += `${seed}${index} `;
  return all.slice(0, LENGTH);
}

/** A digest to compare by: texts this long are no use in a message. */
function summaryOf(content: string): string {
  return `${content.slice(0, 9)}… of ${content.length}, ends in ${content.slice(-9)}`;
}

async function rangeOf(storage: S3Storage, name: string, start: number, end: number): Promise<string> {
  const file = await storage.open(name, "r", { start, end });
  return await file.read();
}

const MEBIBYTE = 1024 * KIB;

const CASES: Readonly<Record<string, Case>> = {
  "open() after save() reads the new content": async (storage) => {
    await storage.save("a.txt", "old", CACHED);
    await storage.readText("a.txt");
    await storage.save("a.txt", "new", CACHED);
    return ["new", await storage.readText("a.txt")];
  },
  "stat() after save() has the new size": async (storage) => {
    await storage.save("a.txt", "old", CACHED);
    await storage.readText("a.txt");
    await storage.stat("a.txt");
    await storage.save("a.txt", "longer", CACHED);
    return ["6", String((await storage.stat("a.txt")).size)];
  },
  "exists() after delete() is false": async (storage) => {
    await storage.save("a.txt", "old", CACHED);
    await storage.readText("a.txt");
    await storage.exists("a.txt");
    await storage.delete("a.txt");
    return ["false", String(await storage.exists("a.txt"))];
  },
  "a range that overlaps an earlier one has its bytes": async (storage) => {
    await storage.save("a.txt", text("a"), CACHED);
    await rangeOf(storage, "a.txt", 30 * KIB, 70 * KIB);
    const [start, end] = [10 * KIB, 90 * KIB];
    return [summaryOf(text("a").slice(start, end)), summaryOf(await rangeOf(storage, "a.txt", start, end))];
  },
  "a range after a save is of the new content": async (storage) => {
    await storage.save("a.txt", text("a"), CACHED);
    await rangeOf(storage, "a.txt", 0, 10 * KIB);
    await storage.save("a.txt", text("b"), CACHED);
    const [start, end] = [5 * KIB, 20 * KIB];
    return [summaryOf(text("b").slice(start, end)), summaryOf(await rangeOf(storage, "a.txt", start, end))];
  },
  "a download in parts after a range has all bytes": async (storage) => {
    await storage.save("a.txt", text("a"), CACHED);
    await rangeOf(storage, "a.txt", 30 * KIB, 70 * KIB);
    const file = await storage.open("a.txt", "r", { maxConcurrency: 3, partSize: 50 * KIB });
    return [summaryOf(text("a")), summaryOf(await file.text())];
  },
  "a manifest after a deployment has the new names": async (storage, { closedEndpointUrl: _, ...settings }) => {
    const location = storage.location;
    const urlAfter = async (hash: string): Promise<string> => {
      const manifest = { paths: { "a.css": `a.${hash}.css` }, version: "1.1", hash: "" };
      await storage.save("staticfiles.json", JSON.stringify(manifest), CACHED);
      const site = new S3ManifestStaticStorage({ ...settings, location, querystringAuth: false });
      return (await site.url("a.css")).split("/").at(-1)!;
    };
    await urlAfter("0123456789ab");
    return ["a.ba9876543210.css", await urlAfter("ba9876543210")];
  },
  "a file is stored without a Cache-Control that nobody set": async (storage) => {
    await storage.save("small.txt", "a");
    await storage.save("parts.txt", new Blob([new Uint8Array(6 * MEBIBYTE)]).stream(), { partSize: 5 * MEBIBYTE });
    await storage.copy("small.txt", "copy.txt", { contentType: "text/csv" });
    const stats = await Promise.all(["small.txt", "parts.txt", "copy.txt"].map((name) => storage.stat(name)));
    return ["undefined, undefined, undefined", stats.map(({ cacheControl }) => String(cacheControl)).join(", ")];
  },
  "a bucket without CORS rules for the page is an error that names them": async (storage, { closedEndpointUrl }) => {
    const error = await storage.with({ endpointUrl: closedEndpointUrl }).readText("a.txt").catch((error) => error);
    const advice = "the CORS rules of the bucket do not allow this page: add its origin to AllowedOrigins";
    return [`ConnectionError: ${advice}`, `${error.name}: ${String(error).includes(advice) ? advice : error}`];
  },
};

async function outcomeOf(name: string, run: Case, all: BrowserSettings): Promise<CaseOutcome> {
  const { closedEndpointUrl: _, ...settings } = all;
  const storage = new S3Storage({ ...settings, location: crypto.randomUUID(), fileOverwrite: true });
  try {
    const [expected, got] = await run(storage, all);
    return { name, expected, got };
  } catch (error) {
    return { name, expected: "a result", got: String(error) };
  }
}

async function run(): Promise<void> {
  const settings: BrowserSettings = await (await fetch("/settings")).json();
  const outcomes: CaseOutcome[] = [];
  for (const [name, run] of Object.entries(CASES)) outcomes.push(await outcomeOf(name, run, settings));
  const isPage = "document" in globalThis;
  await fetch(isPage ? "/outcomes/page" : "/outcomes/worker", { method: "POST", body: JSON.stringify(outcomes) });
  const { navigator } = globalThis as unknown as {
    navigator: Record<string, { register(url: string): Promise<void> }>;
  };
  if (isPage) await navigator.serviceWorker?.register("/script.js");
}

run();
