// deno-lint-ignore-file no-import-prefix -- only this needs the client
/** The same calls with the AWS SDK and its default retries. */
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "npm:@aws-sdk/client-s3@^3.1169.0";
import { OUTAGE_BYTES, runTasks } from "../clients/outage_tasks.ts";

await runTasks((endpoint) => {
  const client = new S3Client({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
    forcePathStyle: true,
  });
  const Bucket = "media";
  const Body = new Uint8Array(OUTAGE_BYTES).fill(1);
  return {
    save: (index) => client.send(new PutObjectCommand({ Bucket, Key: `file${index}.bin`, Body })),
    open: async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: "file0.bin" }));
      await Body!.transformToByteArray();
    },
    list: () => client.send(new ListObjectsV2Command({ Bucket })),
  };
});
