/** The contenders of the benchmark of listings. */

export const OURS = "Storage.list()";
export const BOTO3 = "boto3";
export const PEERS = ["s3-lite-client", "s3mini", "@aws-sdk/client-s3", "lean-s3"] as const;

/** What a client does. */
export interface ListWish {
  readonly origin: string;
  readonly name: string;
  readonly keys: number;
}

/** What one listing took. */
export interface ListFigures {
  readonly milliseconds: number;
  readonly peakMebibytes: number;
}
