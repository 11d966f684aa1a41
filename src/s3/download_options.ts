import type { ReadOptions, TransferProgress } from "../storage/contract/options.ts";

/**
 * How a file is downloaded. A download uses `partSize * maxConcurrency` bytes of memory, regardless of the file's size.
 *
 * @example
 * ```ts
 * import { type DownloadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
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
   * The size of a range, in bytes.
   * @default {the storage's `transferConfig.partSize`}
   */
  readonly partSize?: number | undefined;
  /**
   * The number of ranges fetched concurrently; 1 for a single request.
   * @default {the storage's `transferConfig.downloadConcurrency`}
   */
  readonly maxConcurrency?: number | undefined;
  /**
   * Called with the progress each time bytes are delivered. It counts stored bytes, even if they are decompressed. If it
   * throws, the download fails.
   */
  readonly onProgress?: ((progress: TransferProgress & { readonly total: number }) => void) | undefined;
}
