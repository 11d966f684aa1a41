// deno-lint-ignore-file no-import-prefix -- only the properties of files need fast-check
import type { ByteSource } from "../../../src/storage/contract/bytes.ts";
import { assertEquals } from "@std/assert";
import fc from "npm:fast-check@^4";
import { gzipSync } from "node:zlib";
import { BinaryFile } from "../../../src/storage/files/binary_file.ts";
import { GunzipSource } from "../../../src/storage/files/gunzip.ts";
import { spooledSource } from "../../../src/storage/files/spooled_source.ts";
import { TextFile } from "../../../src/storage/files/text_file.ts";
import { inTempFolder } from "../temp_folder.ts";
import { RangeServer } from "../transfer/range_server.ts";
import { withoutWaiting } from "../transport.ts";
import { CountingSource } from "./byte_source.ts";
import { cuts, type ReadStep, readSteps, runReads, texts } from "./read_model.ts";
import { s3On } from "./storages.ts";

const bytes: fc.Arbitrary<Uint8Array<ArrayBuffer>> = fc.oneof(
  texts.map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 150 }).map((array) => new Uint8Array(array)),
);

/** The number of calls made before the first is awaited. */
const together = fc.integer({ min: 1, max: 3 });

/** Counts the streams that a sequence has opened and released. */
interface Opened {
  readonly source: ByteSource;
  check(): void;
}

type Open = (content: Uint8Array<ArrayBuffer>, sizes: readonly number[]) => Opened;

const plain: Open = (content, sizes) => {
  const source = new CountingSource(content, sizes);
  return { source, check: () => assertEquals(source.closed > 0, true) };
};

const through = (wrap: (source: ByteSource) => ByteSource): Open => (content, sizes) => {
  const { source, check } = plain(content, sizes);
  return { source: wrap(source), check };
};

const zipped = (wrap: (source: ByteSource) => ByteSource): Open => (content, sizes) => {
  const { source, check } = plain(new Uint8Array(gzipSync(content)), sizes);
  return { source: wrap(new GunzipSource(source, "a.txt")), check };
};

/** Runs for each kind of source, with bytes and with text: 10,000 sequences including those with split bodies. */
const SOURCES: readonly (readonly [what: string, runs: number, open: Open])[] = [
  ["a plain source", 2000, plain],
  ["a source that is spooled in memory", 1000, through((source) => spooledSource(source, 0))],
  ["a source that is spooled on the disk", 500, through((source) => spooledSource(source, 40))],
  ["a gzip source", 600, zipped((source) => source)],
  ["a gzip source that is spooled", 150, zipped((source) => spooledSource(source, 30))],
];

for (const [seed, [what, numRuns, open]] of SOURCES.entries()) {
  for (const kind of [BinaryFile, TextFile]) {
    Deno.test(`${kind.name} on ${what} agrees with a file in memory in ${numRuns} sequences of calls`, async () => {
      await inTempFolder(async () => {
        const sequence = async (
          content: Uint8Array<ArrayBuffer>,
          sizes: readonly number[],
          steps: readonly ReadStep[],
          together: number,
        ): Promise<void> => {
          const { source, check } = open(content, sizes);
          await runReads(
            new kind("a.txt", source, () => Promise.resolve(open(content, sizes).source)),
            content,
            steps,
            together,
          );
          check();
        };
        const content = kind === TextFile ? texts.map((text) => new TextEncoder().encode(text)) : bytes;
        await fc.assert(fc.asyncProperty(content, cuts, readSteps, together, sequence), { numRuns, seed });
      });
    });
  }
}

for (const mode of ["r", "rb"] as const) {
  Deno.test(`S3Storage in mode ${mode} agrees with a file in memory in 750 sequences, for any split of its bodies`, async () => {
    const breaks = fc.array(fc.nat({ max: 40 }), { maxLength: 40 });
    const sequence = async (
      content: Uint8Array<ArrayBuffer>,
      places: readonly number[],
      spool: boolean,
      steps: readonly ReadStep[],
      together: number,
    ): Promise<void> => {
      const server = new RangeServer(content, (request) => {
        const breakAfter = places[request];
        return breakAfter === undefined ? {} : { breakAfter, how: breakAfter % 2 === 0 ? "fail" : "end" };
      }, 7);
      const storage = s3On(server, { clientConfig: { maxAttempts: 100 } });
      await runReads(await storage.open("a.txt", mode, { spool }), content, steps, together);
      assertEquals(server.openBodies, 0);
    };
    await withoutWaiting(async () => {
      const content = texts.map((text) => new TextEncoder().encode(text));
      const property = fc.asyncProperty(content, breaks, fc.boolean(), readSteps, together, sequence);
      await fc.assert(property, { numRuns: 750, seed: 9 });
    });
  });
}
