/** Two thousand operations on a server with every known kind of failure. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { SERVICE_FAULTS } from "../../fakes/fault_plan.ts";
import { FaultServer } from "../../fakes/fault_server.ts";
import { MemoryTarget } from "../../fakes/fault_target.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { until } from "../held_time.ts";
import { SeededRandom } from "../random.ts";
import { inTempFolder } from "../temp_folder.ts";
import { type Folder, holds, type SharedFolder, type Tally } from "./fault_content.ts";
import { FaultWorker, type Judge } from "./fault_worker.ts";

const SEED = Number(Deno.env.get("FAULT_SEED") ?? 20_260_731);
const OPERATIONS = Number(Deno.env.get("FAULT_OPERATIONS") ?? 2000);
const WORKERS = 16;
/** The share of requests with a fault. */
const FAULT_RATE = 0.12;
const MIB = 1024 ** 2;

Deno.test("2,000 operations on a failing server succeed or throw a StorageError, and leave the promised state", async () => {
  await inTempFolder(async () => {
    await withShortWaits(() => withHeardUploads(work));
  });
});

async function work(heard: ReadonlySet<string>): Promise<void> {
  const target = new MemoryTarget();
  await using faults = new FaultServer(target, { seed: SEED, rate: FAULT_RATE, kinds: SERVICE_FAULTS });
  const options: S3StorageOptions = {
    bucketName: "media",
    endpointUrl: faults.endpoint,
    credentials: target.credentials,
    requestChecksumCalculation: "when_supported",
    responseChecksumValidation: "when_supported",
    clientConfig: { maxAttempts: 4, timeout: 2 }, // a busy machine sometimes takes half a second
    transferConfig: { multipartThreshold: 200_000, partSize: 5 * MIB, maxConcurrency: 3 },
  };
  const storages = {
    plain: new S3Storage(options),
    careful: new S3Storage({ ...options, fileOverwrite: false }),
    spooling: new S3Storage({
      ...options,
      maxMemorySize: MIB,
      objectParameters: { ChecksumAlgorithm: "CRC32C", ContentMD5: true },
    }),
  };
  const shared: SharedFolder = { stored: new Map(), unsure: [] };
  const tally: Tally = { operations: 0, refused: 0, failed: 0, errors: new Map() };
  const world = { judge: judgeOf(faults, target), storages, shared, tally };
  const workers = Array.from({ length: WORKERS }, (_, number) => new FaultWorker(number, SEED, world));
  const start = performance.now();
  await Promise.all(workers.map((worker) => worker.run(OPERATIONS / WORKERS)));
  // Slow aborts continue in the background.
  await until(() => uploadsLeft(heard, target).length === 0).catch(() => {});
  await quiet(faults);
  const seconds = (performance.now() - start) / 1000;

  const { failed, refused, errors } = tally;
  const { injected, requestCount } = faults;
  // deno-lint-ignore no-console -- the seed, to reproduce a failure
  console.log({ SEED, seconds, requestCount, injected, refused, failed, errors });

  const objects = target.server.objects("media");
  const expected = new Map([...shared.stored, ...workers.flatMap((worker) => [...worker.state])]);
  for (const [name, content] of expected) {
    const object = objects.find(({ key }) => key === name);
    assert(object !== undefined, `${name} was stored, but is missing`);
    assert(holds(object.bytes, content), `${name} has other bytes than were stored`);
  }
  const unsure = [...shared.unsure];
  for (const { key, bytes } of objects.filter(({ key }) => !expected.has(key))) {
    const content = unsure.findIndex((content) => holds(bytes, content));
    assert(
      content !== -1,
      `${key} exists, ${bytes.length} bytes, and was never stored: ${
        [...shared.stored].find(([, content]) => holds(bytes, content)) ?? "other bytes"
      }`,
    );
    unsure.splice(content, 1);
  }
  // An upload whose id never arrived cannot be aborted, also that of a request that the runtime resent. It has no parts.
  const open = target.server.openUploads("media");
  assertEquals(uploadsLeft(heard, target), [], "uploads were left open");
  // Their owner is unknown, but not their age.
  faults.calmDown();
  const aborted = await storages.plain.uploads.abortIncomplete({ olderThanSeconds: 0 });
  assertEquals(aborted.map(({ uploadId }) => uploadId).toSorted(), open.map(({ uploadId }) => uploadId).toSorted());
  assertEquals(target.server.openUploads("media"), []);

  assertEquals(tally.operations, OPERATIONS);
  assertLess(failed, OPERATIONS / 10);
  for (const kind of SERVICE_FAULTS) assertGreater(faults.injected[kind], 0, kind);
}

/** Compares the objects of the in-memory server. */
function judgeOf(faults: FaultServer, target: MemoryTarget): Judge {
  return {
    async find(prefix: string, allowed: readonly Folder[]): Promise<number | string> {
      await faults.settled(prefix);
      const objects = target.server.objects("media").filter(({ key }) => key.startsWith(prefix));
      const found = allowed.findIndex((folder) =>
        folder.size === objects.length && objects.every(({ key, size, bytes }) => {
          const content = folder.get(key);
          return content !== undefined && size === content.length && holds(bytes, content);
        })
      );
      return found === -1 ? JSON.stringify(objects.map(({ key, size }) => [key, size])) : found;
    },
  };
}

/** Open uploads that should have ended: those whose id arrived, or that have parts. */
function uploadsLeft(
  heard: ReadonlySet<string>,
  target: MemoryTarget,
): { key: string; partNumbers: readonly number[] }[] {
  return target.server.openUploads("media").filter(({ uploadId, partNumbers }) =>
    partNumbers.length > 0 || heard.has(uploadId)
  );
}

/** Knows the uploads whose creation was answered, and whose answer was read to its end before the client gave up. */
async function withHeardUploads(run: (heard: ReadonlySet<string>) => Promise<void>): Promise<void> {
  const heard = new Set<string>();
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const response = await send(input, init);
    if (init?.method !== "POST" || !/[?&]uploads\b/.test(`${input}`) || response.body === null) return response;
    const decoder = new TextDecoder();
    let text = "";
    const listening = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
      transform(chunk, controller): void {
        text += decoder.decode(chunk, { stream: true });
        controller.enqueue(chunk);
      },
      flush(): void {
        const id = /<UploadId>(.*?)</.exec(text)?.[1];
        if (id !== undefined) heard.add(id);
      },
    });
    return new Response(response.body.pipeThrough(listening), response);
  };
  try {
    await run(heard);
    assertGreater(heard.size, 0);
  } finally {
    globalThis.fetch = send;
  }
}

/** Background work waits for at most 1.5 seconds before a retry. */
async function quiet(faults: FaultServer): Promise<void> {
  for (let seen = -1; seen !== faults.requestCount;) {
    seen = faults.requestCount;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await faults.settled("");
  }
}

/** Shortens all waits: their lengths have tests of their own. */
async function withShortWaits(run: () => Promise<void>): Promise<void> {
  const random = Math.random;
  const seeded = new SeededRandom(SEED);
  Math.random = () => seeded.next() / 20;
  try {
    await run();
  } finally {
    Math.random = random;
  }
}
