import type { ReadOptions, TransferProgress } from "../storage/contract/options.ts";

/**
 * How a file is downloaded. It takes `partSize * maxConcurrency` bytes of memory, whatever its size.
 *
 * @example
 * ```ts
 * import { type DownloadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // in the place of a real one
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("film.mp4", new Uint8Array(5_000_000));
 *
 * let shown = "";
 * const options: DownloadOptions = {
 *   partSize: 1024 ** 2,
 *   maxConcurrency: 8,
 *   onProgress: ({ bytes, total }) => shown = `${Math.round(100 * bytes / total)}%`,
 * };
 * await (await storage.download("film.mp4", options)).pipeTo(new WritableStream());
 * assertEquals(shown, "100%");
 * ```
 */
export interface DownloadOptions extends Omit<ReadOptions, "spool" | "start" | "end"> {
  /**
   * Bytes in a range.
   * @default {the storage's `transferConfig.partSize`}
   */
  readonly partSize?: number | undefined;
  /**
   * Ranges under way at once; 1 for one request in all.
   * @default {the storage's `transferConfig.downloadConcurrency`}
   */
  readonly maxConcurrency?: number | undefined;
  /**
   * Is told, whenever bytes were handed on, how far the download has come: bytes as they are stored, also where they are
   * decompressed. What it throws ends the download.
   */
  readonly onProgress?: ((progress: TransferProgress & { readonly total: number }) => void) | undefined;
}
