/** What is asked of whoever is measured, and what comes back. */
export interface TransferWish {
  readonly name: string;
  readonly endpointUrl: string;
  readonly sizeBytes: number;
  /** Whether the source of an upload fills one array again and again. */
  readonly reusesChunk: boolean;
  /** The size of an object that is transferred before, by which the runtime gets to know the code; 0 for none. */
  readonly warmUpBytes: number;
}

/** Uploads a stream of chunks. */
export type Upload = (key: string, source: ReadableStream<Uint8Array<ArrayBuffer>>) => Promise<unknown>;

/** Loads a client. */
export type MakeUpload = (endpointUrl: string) => Promise<Upload>;

export interface TransferFigures {
  readonly milliseconds: number;
  /** Of all threads. */
  readonly cpuMilliseconds: number;
  /** The most that the whole process ever took. */
  readonly peakMebibytes: number;
}

export const UP = "S3Storage.save, body signed";
export const UP_UNSIGNED = "S3Storage.save";
export const DOWN = "S3Storage.open().readable";
export const BARE = "fetch";
export const DOWNLOAD = "S3Storage.download";
export const LIB_STORAGE = "@aws-sdk/lib-storage";
export const BUN = "Bun.S3Client";

/** The peers that upload what has no length, on every runtime. */
export const PEERS = [LIB_STORAGE, "s3mini", "s3-lite-client", "lean-s3"] as const;

/** Those that hash what they send, so that the signature covers it. */
export const SIGNING_PEERS: readonly string[] = [LIB_STORAGE, "s3-lite-client"];
