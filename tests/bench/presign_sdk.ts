// deno-lint-ignore-file no-import-prefix -- only this needs the AWS SDK's signer
/** Creates presigned GET URLs with the AWS SDK, which needs modules of Node, also on workerd. */
import { GetObjectCommand, S3Client } from "npm:@aws-sdk/client-s3@^3.1169.0";
import { getSignedUrl } from "npm:@aws-sdk/s3-request-presigner@^3.1163.0";
import { CLIENT_OPTIONS, contender, EXPIRES_IN_SECONDS, keyOf } from "./presign.ts";
import type { Contender } from "./rounds.ts";

/** The name of the contender. */
export const SDK = "@aws-sdk/s3-request-presigner";

/** The presigner of the AWS SDK. */
export async function presignSdk(): Promise<Contender> {
  const { endpoint, region, bucket, ...credentials } = CLIENT_OPTIONS;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return await contender(SDK, 200, (index) => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: keyOf(index) });
    return getSignedUrl(client, command, { expiresIn: EXPIRES_IN_SECONDS });
  });
}
