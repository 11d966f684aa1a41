/** Presigned URLs of botocore, for the tests of both signature versions. */
import { type BucketAddress, bucketAddress } from "../../../src/client/endpoint.ts";
import type { Credentials } from "../../../src/aws/credentials.ts";

export interface PresignVector {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
  readonly endpoint: string | null;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly bucket: string;
  readonly key: string;
  readonly method: "GET" | "PUT" | "DELETE" | "HEAD";
  readonly parameters: Readonly<Record<string, string>>;
  readonly expiresInSeconds: number;
  readonly now: string;
  readonly url: string;
}

/** Reads the vectors of a file in tests/vectors. */
export async function presignVectors(file: string): Promise<PresignVector[]> {
  const { vectors } = JSON.parse(await Deno.readTextFile(new URL(`../../vectors/${file}`, import.meta.url)));
  return vectors;
}

/** Returns the address of a vector's bucket. */
export function addressOf({ endpoint, addressingStyle, region, bucket }: PresignVector): BucketAddress {
  const endpointUrl = endpoint === null ? undefined : new URL(endpoint);
  return bucketAddress({ endpointUrl, addressingStyle, useSsl: true }, region, bucket);
}

/** Returns the credentials of a vector. */
export function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: PresignVector): Credentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) };
}
