// deno-lint-ignore-file no-import-prefix -- only this needs these clients
/** Uploads of unknown length with other clients: parts of 8 MiB, four concurrently, where configurable. */
import { BUN, LIB_STORAGE, type MakeUpload } from "./transfer_ways.ts";

const PART_BYTES = 8 * 1024 ** 2;
const AT_ONCE = 4;
const accessKeyId = "testkey";
const secretAccessKey = "testsecret";
const region = "us-east-1";
const bucket = "media";

interface BunLike {
  S3Client: new (options: Record<string, string>) => {
    file(key: string): {
      writer(options: { partSize: number; queueSize: number }): {
        write(chunk: Uint8Array): number | Promise<number>;
        flush(): Promise<number>;
        end(): Promise<number>;
      };
    };
  };
}

/** Loads one client only, as memory is measured. */
export const UPLOADS: Readonly<Record<string, MakeUpload>> = {
  [LIB_STORAGE]: async (endpoint) => {
    const { S3Client } = await import("npm:@aws-sdk/client-s3@^3.1169.0");
    const { Upload } = await import("npm:@aws-sdk/lib-storage@^3.1169.0");
    const client = new S3Client({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      forcePathStyle: true,
    });
    return (Key, Body) => {
      const params = { Bucket: bucket, Key, Body };
      return new Upload({ client, partSize: PART_BYTES, queueSize: AT_ONCE, params }).done();
    };
  },
  "s3mini": async (endpoint) => {
    const { S3mini } = await import("npm:s3mini@^1.0.2");
    const client = new S3mini({ accessKeyId, secretAccessKey, endpoint: `${endpoint}/${bucket}`, region });
    return (key, source) => client.putAnyObject(key, source);
  },
  "s3-lite-client": async (endPoint) => {
    const { S3Client } = await import("npm:@bradenmacdonald/s3-lite-client@^1.0.0");
    const client = new S3Client({ endPoint, region, bucket, accessKey: accessKeyId, secretKey: secretAccessKey });
    return (key, source) => client.putObject(key, source, { partSize: PART_BYTES });
  },
  // It has no upload of unknown length, so the parts are created and sent as its users have to.
  "lean-s3": async (endpoint) => {
    const { S3Client } = await import("npm:lean-s3@^0.6.3");
    const client = new S3Client({ endpoint, region, bucket, accessKeyId, secretAccessKey });
    return async (key, source) => {
      const { uploadId } = await client.createMultipartUpload(key);
      const parts: { partNumber: number; etag: string }[] = [];
      const underWay = new Set<Promise<unknown>>();
      let partNumber = 0;
      const send = async (bytes: Uint8Array): Promise<void> => {
        while (underWay.size >= AT_ONCE) await Promise.race(underWay);
        const number = ++partNumber;
        const sending = client.uploadPart(key, uploadId, bytes, number).then(({ etag }) => {
          parts.push({ partNumber: number, etag });
          underWay.delete(sending);
        });
        underWay.add(sending);
      };
      let part = new Uint8Array(PART_BYTES);
      let length = 0;
      for await (const chunk of source) {
        if (length + chunk.byteLength > PART_BYTES) {
          await send(part.subarray(0, length));
          part = new Uint8Array(PART_BYTES);
          length = 0;
        }
        part.set(chunk, length);
        length += chunk.byteLength;
      }
      await send(part.subarray(0, length));
      await Promise.all(underWay);
      await client.completeMultipartUpload(key, uploadId, parts.sort((a, b) => a.partNumber - b.partNumber));
    };
  },
  [BUN]: (endpoint) => {
    const { Bun: bun } = globalThis as unknown as { Bun: BunLike };
    const client = new bun.S3Client({ endpoint, region, bucket, accessKeyId, secretAccessKey });
    return Promise.resolve(async (key, source) => {
      const writer = client.file(key).writer({ partSize: PART_BYTES, queueSize: AT_ONCE });
      for await (const chunk of source) {
        await writer.write(chunk);
        await writer.flush();
      }
      await writer.end();
    });
  },
};
