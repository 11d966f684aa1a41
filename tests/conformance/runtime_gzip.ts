/**
 * gzip by the runtime: another program than that of the package. Bun below 1.3.4 and Vercel's edge runtime have none, so
 * fflate does it there.
 */
import { gunzipSync, gzipSync } from "fflate";
import { encodeUtf8 } from "../../src/kit/bytes/bytes.ts";

/** Compresses a text. */
export async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = encodeUtf8(text);
  if (!("CompressionStream" in globalThis)) return gzipSync(bytes) as Uint8Array<ArrayBuffer>;
  return await through(bytes, new CompressionStream("gzip"));
}

/** Decompresses a text. */
export async function gunzipped(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (!("DecompressionStream" in globalThis)) return new TextDecoder().decode(gunzipSync(bytes));
  return new TextDecoder().decode(await through(bytes, new DecompressionStream("gzip")));
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  coder: GenericTransformStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(coder)).arrayBuffer());
}
