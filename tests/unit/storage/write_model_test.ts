// deno-lint-ignore-file no-import-prefix no-console -- only the properties of files need fast-check; a handle warns
import { assertEquals, assertRejects } from "@std/assert";
import fc from "npm:fast-check@^4";
import { concatBytes, encodeUtf8 } from "../../../src/kit/bytes/bytes.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { texts } from "./read_model.ts";
import { s3On } from "./storages.ts";

/** One call of a file for writing. */
type WriteStep =
  | { do: "write"; data: string | Uint8Array; isAwaited: boolean }
  | { do: "pipe"; chunks: (string | Uint8Array)[]; breaks: boolean }
  | { do: "flush" | "close" | "abort" | "dispose" | "open" | "wrong" };

const data = fc.oneof(texts, fc.uint8Array({ maxLength: 40 }));

const writeSteps: fc.Arbitrary<WriteStep[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("write" as const), data, isAwaited: fc.boolean() }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("pipe" as const),
        chunks: fc.array(data, { maxLength: 4 }),
        breaks: fc.boolean(),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom("flush", "close", "abort", "dispose", "open", "wrong") }) },
  ),
  { minLength: 1, maxLength: 14 },
);

const bytesOf = (chunk: string | Uint8Array): Uint8Array => typeof chunk === "string" ? encodeUtf8(chunk) : chunk;

/** Runs steps on a file, and compares the stored bytes with a list of the written ones. */
async function runWrites(storage: Storage, steps: readonly WriteStep[]): Promise<void> {
  const file = await storage.open("a.txt", "w");
  let written: Uint8Array[] = [];
  let stored: Uint8Array | undefined;
  let state: "open" | "closed" | "aborted" = "open";
  for (const step of steps) {
    if (step.do === "open") {
      if (state === "open") await assertRejects(() => file.open(), TypeError, "close it first");
      else await file.open();
      if (state !== "open") [state, written] = ["open", []];
    } else if (step.do === "wrong") {
      await assertRejects(() => file.write(5 as unknown as string), TypeError, "must be a string or bytes");
    } else if (step.do === "dispose" || step.do === "abort") {
      await (step.do === "abort" ? file.abort() : file[Symbol.asyncDispose]());
      if (state === "open") state = "aborted";
    } else if (step.do === "close") {
      if (state === "aborted") await assertRejects(() => file.close(), DOMException);
      else await file.close();
      if (state === "open") [state, stored] = ["closed", concatBytes(written)];
    } else if (state !== "open") {
      if (step.do === "write") await assertRejects(() => file.write(step.data as string));
      if (step.do === "flush") await assertRejects(() => file.flush());
    } else if (step.do === "write") {
      const writing = file.write(step.data as string);
      written.push(bytesOf(step.data));
      if (step.isAwaited) assertEquals(await writing, written.at(-1)!.byteLength);
    } else if (step.do === "pipe") {
      const chunks = [...step.chunks];
      const source = new ReadableStream<string | Uint8Array>({
        pull: (controller) => {
          if (chunks.length > 0) controller.enqueue(chunks.shift()!);
          else if (step.breaks) controller.error(new DOMException("it broke", "AbortError"));
          else controller.close();
        },
      });
      const piping = source.pipeTo(file.writable);
      if (step.breaks) await assertRejects(() => piping, DOMException);
      else await piping;
      [written, state] = [[...written, ...step.chunks.map(bytesOf)], step.breaks ? "aborted" : "closed"];
      if (!step.breaks) stored = concatBytes(written);
    } else {
      await file.flush();
      assertEquals(file.size, concatBytes(written).byteLength);
    }
    assertEquals(file.closed, state !== "open");
    assertEquals(await storage.exists("a.txt"), stored !== undefined);
  }
  await file.abort();
  if (stored !== undefined) assertEquals(await (await storage.open("a.txt", "rb")).bytes(), new Uint8Array(stored));
}

for (
  const [what, numRuns, open] of [
    ["MemoryStorage", 800, (): Storage => new MemoryStorage()],
    ["S3Storage", 400, (): Storage => s3On(createS3Server({ buckets: ["media"] }))],
    ["S3Storage with gzip", 100, (): Storage =>
      s3On(createS3Server({ buckets: ["media"] }), {
        gzip: true,
        gzipContentTypes: ["text/plain"],
      })],
  ] as const
) {
  Deno.test(`a file written on ${what} agrees with a model in ${numRuns} sequences`, async () => {
    const { warn } = console;
    console.warn = () => {}; // files disposed before close() cause warnings
    try {
      await fc.assert(fc.asyncProperty(writeSteps, (steps) => runWrites(open(), steps)), { numRuns, seed: 5 });
    } finally {
      console.warn = warn;
    }
  });
}
