/** The input and the result of a measured process. */
export interface TransferWish {
  readonly name: string;
  readonly endpointUrl: string;
  readonly sizeBytes: number;
  /** Whether all chunks of an upload use one array. */
  readonly reusesChunk: boolean;
  /** The size of an object that is transferred first for warming up; 0 for none. */
  readonly warmUpBytes: number;
}

/** Uploads a stream of chunks. */
export type Upload = (key: string, source: ReadableStream<Uint8Array<ArrayBuffer>>) => Promise<unknown>;

/** Loads a client. */
export type MakeUpload = (endpointUrl: string) => Promise<Upload>;

export interface TransferFigures {
  readonly milliseconds: number;
  /** The CPU time of all threads. */
  readonly cpuMilliseconds: number;
  /** The peak memory of the process. */
  readonly peakMebibytes: number;
}

export const UP = "S3Storage.save, body signed";
export const UP_UNSIGNED = "S3Storage.save";
export const DOWN = "S3Storage.open().readable";
export const BARE = "fetch";
export const DOWNLOAD = "S3Storage.download";
export const LIB_STORAGE = "@aws-sdk/lib-storage";
export const BUN = "Bun.S3Client";

/** The peers that upload streams of unknown length, on every runtime. */
export const PEERS = [LIB_STORAGE, "s3mini", "s3-lite-client", "lean-s3"] as const;

/** The contenders whose signature covers a hash of the payload. */
export const SIGNING_PEERS: readonly string[] = [LIB_STORAGE, "s3-lite-client"];
