// deno-lint-ignore-file no-import-prefix -- only the properties of files need fast-check
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "npm:fast-check@^4";
import type { BinaryFile } from "../../../src/storage/files/binary_file.ts";
import type { TextFile } from "../../../src/storage/files/text_file.ts";

/** A call of a file opened to read; positions are in thousandths of the file's length. */
export type ReadStep =
  | { do: "read"; length: number }
  | { do: "readline" | "rest" | "text" | "bytes" | "blob" | "close" | "open" | "size" }
  | { do: "lines"; most: number }
  | { do: "chunks"; length: number; most: number }
  | { do: "seek"; to: number }
  | { do: "slice"; start: number; end: number | undefined }
  | { do: "stream" | "iterate"; most: number };

const few = fc.integer({ min: 1, max: 5 });
const length = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 150 }));
const place = fc.nat({ max: 1100 });
const offset = fc.integer({ min: -1100, max: 1100 });

export const readSteps: fc.Arbitrary<ReadStep[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("read" as const), length }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("readline" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("lines" as const), most: few }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant("chunks" as const), length: length.map((n) => n + 1), most: few }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("seek" as const), to: place }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("slice" as const),
        start: offset,
        end: fc.option(offset, { nil: undefined }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("rest", "text", "bytes", "blob", "size") }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("close", "open") }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("stream", "iterate"), most: few }) },
  ),
  { minLength: 1, maxLength: 14 },
);

/** Text with everything that could fail where bytes are split: long characters, all newlines, marks. */
export const texts: fc.Arbitrary<string> = fc.array(
  fc.oneof(
    fc.constantFrom("\r", "\n", "\r\n", "\r\r\n", "\ufeff", "é", "日本", "😀", "👩‍👩‍👧", "\u2028", "\u0085"),
    fc.string({ maxLength: 12 }),
  ),
  { maxLength: 20 },
).map((parts) => parts.join("").toWellFormed());

/** The sizes of chunks, used cyclically. */
export const cuts: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 });

const utf8 = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Characters as a text file counts them, each with its length in bytes. */
function characters(bytes: Uint8Array): { text: string; bytes: number }[] {
  return [...decoder.decode(bytes).matchAll(/\r\n|[^]/gu)].map(([text]) => {
    return { text: /^\r/.test(text) ? "\n" : text, bytes: utf8.encode(text).byteLength };
  });
}

/** Bytes or characters of a file in memory, from a position on, to compare the tested file with. */
interface Unit {
  readonly value: string | number;
  readonly bytes: number;
}

/** The model: an array of bytes, a position, and whether it is open. */
export class FileModel {
  position = 0;
  isClosed = false;

  constructor(readonly content: Uint8Array<ArrayBuffer>, readonly isText: boolean) {}

  get rest(): Uint8Array<ArrayBuffer> {
    return this.content.slice(this.position);
  }

  /** Where a text may be split: at the next character. Bytes may be read from any position. */
  place(thousandth: number): number {
    let place = Math.round(thousandth * this.content.length / 1000);
    while (this.isText && (this.content[place] ?? 0) >> 6 === 2) place++;
    return place;
  }

  units(): Unit[] {
    if (!this.isText) return [...this.rest].map((value) => ({ value, bytes: 1 }));
    return characters(this.rest).map(({ text, bytes }) => ({ value: text, bytes }));
  }

  take(units: readonly Unit[]): string | Uint8Array {
    this.position += units.reduce((sum, { bytes }) => sum + bytes, 0);
    return this.isText
      ? units.map(({ value }) => value).join("")
      : Uint8Array.from(units, ({ value }) => Number(value));
  }

  read(length = Infinity): string | Uint8Array {
    return this.take(this.units().slice(0, length));
  }

  readline(): string | Uint8Array {
    const units = this.units();
    const end = units.findIndex(({ value }) => value === "\n" || value === 10);
    return this.take(end === -1 ? units : units.slice(0, end + 1));
  }

  text(): Outcome {
    try {
      const text = decoder.decode(this.drain());
      return { value: this.isText ? text.replace(/\r\n?/g, "\n") : text };
    } catch {
      return { failure: TypeError }; // bytes may be read from the middle of a character
    }
  }

  /** Everything up to the end, as bytes. */
  drain(): Uint8Array {
    const { rest } = this;
    this.position = Math.max(this.position, this.content.length);
    return rest;
  }
}

async function some<T>(items: AsyncIterable<T>, most: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) === most) break;
  return taken;
}

function repeat<T extends { length: number }>(take: () => T, most: number): T[] {
  const taken: T[] = [];
  while (taken.length < most) {
    const item = take();
    if (item.length === 0) break;
    taken.push(item);
  }
  return taken;
}

/** The expected error or result of a call. */
type Outcome = { readonly value: unknown } | { readonly failure: typeof TypeError | typeof RangeError };

/** Awaits a call, and compares its outcome. The expectation was determined when the call was made. */
async function judge(call: Promise<unknown>, expected: Outcome): Promise<void> {
  if ("failure" in expected) await assertRejects(() => call, expected.failure);
  else assertEquals(await call, expected.value);
}

/** Makes one call of the file and of the model at the same time, and compares the outcomes later. */
async function compare(file: BinaryFile | TextFile, model: FileModel, step: ReadStep): Promise<void> {
  switch (step.do) {
    case "read":
      return await judge(file.read(step.length), { value: model.read(step.length) });
    case "rest":
      return await judge(file.read(), { value: model.read() });
    case "readline":
      return await judge(file.readline(), { value: model.readline() });
    case "text":
      return await judge(file.text(), model.text());
    case "bytes":
      return await judge(file.bytes(), { value: model.drain() });
    case "blob":
      return await judge(file.blob().then((blob) => blob.bytes()), { value: model.drain() });
    case "seek":
      model.position = model.place(step.to);
      return await judge(file.seek(model.position), { value: undefined });
    case "slice":
      return await judge(file.slice(step.start, step.end), { value: model.content.slice(step.start, step.end) });
    case "lines":
      return assertEquals(await some<unknown>(file.lines(), step.most), repeat(() => model.readline(), step.most));
    case "chunks": {
      const chunks = await some<unknown>(file.chunks(step.length), step.most);
      return assertEquals(chunks, repeat(() => model.read(step.length), step.most));
    }
    case "size":
      return assertEquals(file.decompressed || file.size === model.content.length, true);
    case "stream":
    case "iterate": {
      const before = model.position;
      const chunks = await some(step.do === "stream" ? file.readable : file, step.most);
      const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
      assertEquals(bytes, model.content.slice(before, before + bytes.length));
      assert(chunks.length === step.most || before + bytes.length >= model.content.length, "it ended early");
      model.isClosed = true;
    }
  }
}

/** Calls that need not be awaited before the next. */
const SINGLE: readonly ReadStep["do"][] = ["read", "rest", "readline", "text", "bytes", "blob", "seek", "slice"];

/**
 * Runs steps on a file and on its model, and closes the file.
 *
 * @param together The number of calls made before the first is awaited.
 */
export async function runReads(
  file: BinaryFile | TextFile,
  content: Uint8Array<ArrayBuffer>,
  steps: readonly ReadStep[],
  together: number,
): Promise<void> {
  const model = new FileModel(content, file.mode === "r");
  const empty = (): FileModel => new FileModel(new Uint8Array(0), model.isText);
  let underWay: Promise<void>[] = [];
  const settle = async (): Promise<void> => {
    await Promise.all(underWay);
    underWay = [];
    assertEquals(file.closed, model.isClosed);
    if (!file.closed) assertEquals(file.position, model.position);
  };
  try {
    for (const step of steps) {
      if (!SINGLE.includes(step.do)) await settle();
      if (step.do === "close") {
        await file.close();
        model.isClosed = true;
      } else if (step.do === "open") {
        await file.open();
        [model.position, model.isClosed] = [0, false];
      } else if (step.do === "slice" && file.decompressed && Math.min(step.start, step.end ?? 0) < 0) {
        await assertRejects(() => file.slice(step.start, step.end), RangeError);
      } else if (model.isClosed && step.do !== "size") {
        await assertRejects(() => compare(file, empty(), step), TypeError, "is closed");
      } else {
        underWay.push(compare(file, model, step));
      }
      if (underWay.length >= together || !SINGLE.includes(step.do)) await settle();
    }
    await settle();
  } finally {
    await Promise.allSettled(underWay);
    await file.close();
  }
}
