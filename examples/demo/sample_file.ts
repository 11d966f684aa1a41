/** The Deno program: a large file that every machine has. */
const PATH = Deno.execPath();

const MOST_BYTES = 24 * 1024 * 1024;

/** The sample, described for the report. */
export const SAMPLE_DESCRIPTION = `the Deno program itself, its first ${MOST_BYTES / 1024 ** 2} MiB, read from disk`;

/** The name to store it under. */
export const SAMPLE_NAME = "programs/deno.bin";

/** The beginning of the file as a stream that reads the disk on demand. */
export function streamSample(): ReadableStream<Uint8Array> {
  return ReadableStream.from(readSample());
}

async function* readSample(): AsyncGenerator<Uint8Array> {
  const file = await Deno.open(PATH);
  let missing = MOST_BYTES;
  for await (const chunk of file.readable) { // leaving the loop closes the file
    yield chunk.subarray(0, missing);
    missing -= chunk.byteLength;
    if (missing <= 0) return;
  }
}

/** A part of the file, read from disk. */
export async function readSamplePart(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(PATH);
  await file.seek(start, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new Error(`The file ${PATH} ends before byte ${start + length}`);
    filled += count;
  }
  return bytes;
}
