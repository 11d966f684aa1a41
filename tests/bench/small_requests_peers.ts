// deno-lint-ignore-file no-import-prefix -- only this needs these clients
/** Stores and reads small objects with other clients, all of which sign their requests. */
import { GetObjectCommand, PutObjectCommand, S3Client as AwsClient } from "npm:@aws-sdk/client-s3@^3.1169.0";
import { S3Client as LeanClient } from "npm:lean-s3@^0.6.3";
import { S3mini } from "npm:s3mini@^1.0.2";

/** Stores or reads the object of a key. */
export interface SmallRequests {
  readonly name: string;
  readonly put: (key: string, data: Uint8Array<ArrayBuffer>) => Promise<unknown>;
  readonly get: (key: string) => Promise<{ readonly byteLength: number }>;
}

interface BunLike {
  readonly S3Client: new (options: Record<string, string>) => {
    file(key: string): { write(data: Uint8Array): Promise<unknown>; bytes(): Promise<Uint8Array> };
  };
}

/** The peers of a runtime. */
export function smallRequestPeers(endpoint: string, bucket: string): SmallRequests[] {
  const credentials = { accessKeyId: "testkey", secretAccessKey: "testsecret" };
  const region = "us-east-1";
  const aws = new AwsClient({ endpoint, region, credentials, forcePathStyle: true });
  const mini = new S3mini({ endpoint: `${endpoint}/${bucket}`, region, ...credentials });
  const lean = new LeanClient({ endpoint, region, bucket, ...credentials });
  const peers: SmallRequests[] = [
    {
      name: "@aws-sdk/client-s3",
      put: (key, data) => aws.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: data })),
      get: async (key) => {
        const { Body } = await aws.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await Body!.transformToByteArray();
      },
    },
    {
      name: "s3mini",
      put: (key, data) => mini.putObject(key, data as never),
      get: async (key) => (await mini.getObjectArrayBuffer(key))!,
    },
    {
      name: "lean-s3",
      put: (key, data) => lean.file(key).write(data),
      get: async (key) => await lean.file(key).bytes(),
    },
  ];
  const { Bun: bun } = globalThis as { Bun?: BunLike };
  if (bun !== undefined) {
    const client = new bun.S3Client({ endpoint, region, bucket, ...credentials });
    peers.push({
      name: "Bun.S3Client",
      put: (key, data) => client.file(key).write(data),
      get: (key) => client.file(key).bytes(),
    });
  }
  return peers;
}
