/** A service for forms and files behind a proxy, on each runtime. */
import { handleUpload, UploadError, type UploadOptions } from "../../src/upload/mod.ts";
import { serve } from "../../src/serve/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";

/** The sizes of the files that are served. */
export const SIZES = { "empty.bin": 0, "small.bin": 20_000, "slice.bin": 1024 ** 2, "large.bin": 5_000_000 };

/** The text that is stored as gzip. */
export const PACKED = "0123456789".repeat(1000);

/** The bytes of a file, all different from their neighbours. */
export function contentOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >>> 8) * 7) & 0xff);
}

const files = new MemoryStorage();
let saved: Promise<void> | undefined;

async function saveFiles(): Promise<void> {
  for (const [name, size] of Object.entries(SIZES)) {
    await files.save(name, contentOf(size), { contentType: "application/octet-stream" });
  }
  const packed = new Blob([PACKED]).stream().pipeThrough(new CompressionStream("gzip"));
  await files.save("packed.txt", packed, { contentEncoding: "gzip" });
  await files.save("taken.bin", "taken");
}

export async function answerProxied(request: Request): Promise<Response> {
  await (saved ??= saveFiles());
  if (request.method !== "POST") return await serve(files, request);
  const options: UploadOptions = JSON.parse(new URL(request.url).searchParams.get("options") ?? "{}");
  try {
    const storage = options.onExisting === "refuse" ? files : new MemoryStorage();
    const { files: stored } = await handleUpload(storage, request, options);
    return Response.json(stored.map(({ name, size }) => ({ name, size })));
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse();
    throw error;
  }
}
