/** The presigned URLs made with botocore, as the tests of both versions read them. */
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

/** Reads the vectors of a file of tests/vectors. */
export async function presignVectors(file: string): Promise<PresignVector[]> {
  const { vectors } = JSON.parse(await Deno.readTextFile(new URL(`../../vectors/${file}`, import.meta.url)));
  return vectors;
}

/** Where a vector's bucket is. */
export function addressOf({ endpoint, addressingStyle, region, bucket }: PresignVector): BucketAddress {
  const endpointUrl = endpoint === null ? undefined : new URL(endpoint);
  return bucketAddress({ endpointUrl, addressingStyle, useSsl: true }, region, bucket);
}

/** What a vector is signed with. */
export function credentialsOf({ accessKeyId, secretAccessKey, sessionToken }: PresignVector): Credentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) };
}
