// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Reads some bytes of many files and does not close them: Deno runs this file directly, Bun and Node run a bundle of it. The
 * last argument has the task, as JSON. The process must end itself.
 */
import { assertEquals } from "@std/assert";
import { type BinaryFile, S3Storage } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { type DroppedResult, type DroppedWish, MOST_KEPT } from "./dropped_files.ts";

interface Fs {
  readdirSync(path: string): string[];
  readlinkSync(path: string): string;
}

const { process, gc, Bun } = globalThis as unknown as {
  process: { argv: string[]; getBuiltinModule(name: "node:fs"): Fs };
  gc?(): void;
  Bun?: { gc(force: true): void };
};

const { endpointUrl, files, sizeBytes, kind }: DroppedWish = JSON.parse(process.argv.at(-1)!);
const storage = new S3Storage({
  bucketName: "media",
  endpointUrl,
  accessKey: "testkey",
  secretKey: "testsecret",
  clientConfig: kind === "held" ? { idleTimeout: 0.5, timeout: 3600 } : { timeout: 3600 },
});

/** The number of open sockets, on Linux. */
function openSockets(): number | undefined {
  try {
    const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs");
    return readdirSync("/proc/self/fd").filter((number) => {
      try {
        return readlinkSync(`/proc/self/fd/${number}`).startsWith("socket:");
      } catch {
        return false; // the descriptor of the listing
      }
    }).length;
  } catch {
    return undefined; // another system
  }
}

await storage.exists("none"); // the runtime opens sockets of its own for the first request
const before = openSockets();
const ownSockets = (): number | undefined => before === undefined ? undefined : openSockets()! - before;
const kept: BinaryFile[] = [];

async function openOne(): Promise<void> {
  const file = await storage.open("large.bin", "rb");
  if (kind !== "unread") assertEquals(await file.read(10), new Uint8Array(10));
  if (kind === "held") kept.push(file);
}

for (let number = 0; number < files; number++) await openOne();
assertEquals((await storage.stat("large.bin")).size, sizeBytes);
while ((ownSockets() ?? 0) > MOST_KEPT) {
  if (kind !== "held") Bun ? Bun.gc(true) : gc!();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const result: DroppedResult = { sockets: ownSockets() };
if (kind === "held") {
  const file = kept.at(-1)!;
  assertEquals(await file.read(65_530), new Uint8Array(65_530).fill(1, 65_526));
  await file.close();
}
console.log(RESULTS_MARKER + JSON.stringify([result]));
