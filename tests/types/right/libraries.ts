/** Programs that use the declarations of one runtime. They are texts, as no other runtime compiles them. */

const NODE = `
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, Writable } from "node:stream";
import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { Storage } from "@storages/s3/storage";

export async function savesWhatNodeReads(storage: Storage): Promise<void> {
  await storage.save("a.bin", createReadStream("a.bin"));
  await storage.save("b.bin", Buffer.from("bytes"));
  await storage.save("c.bin", Readable.from(["a", "b"]));
}

export async function doesNotSaveAnOpenFileOfNode(storage: Storage): Promise<void> {
  const file = await open("a.bin");
  // @ts-expect-error a file handle is saved as its stream
  await storage.save("a.bin", file);
  await storage.save("a.bin", file.createReadStream());
}

export async function downloadsToAStreamOfNode(storage: Storage): Promise<number> {
  return await storage.downloadTo("a.bin", Writable.toWeb(createWriteStream("a.bin")));
}

export function answersWithNode(storage: Storage): unknown {
  return createServer(async (request, response) => {
    const file = await storage.open(request.url ?? "/", "rb");
    for await (const chunk of file.chunks()) response.write(chunk);
    response.end();
  });
}
`;

const BUN = `
import type { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";

export async function savesAFileOfBun(storage: S3Storage): Promise<string> {
  await Bun.write("copy.png", await storage.readBytes("logo.png"));
  return await storage.save("logo.png", Bun.file("logo.png"));
}

export function servesWithBun(storage: S3Storage): unknown {
  return Bun.serve({ port: 0, fetch: (request) => serve(storage, request, { prefix: "/" }) });
}
`;

const WORKERS = `
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { handleUpload } from "@storages/s3/upload";

interface Env {
  readonly ACCESS_KEY: string;
  readonly SECRET_KEY: string;
}

export default {
  async fetch(request, env, context): Promise<Response> {
    const storage = new S3Storage({ bucketName: "media", accessKey: env.ACCESS_KEY, secretKey: env.SECRET_KEY });
    if (request.method === "GET") return await serve(storage, request, { prefix: "/" });
    context.waitUntil(storage.save("log.txt", "uploaded"));
    const { files } = await handleUpload(storage, request);
    return Response.json(files);
  },
} satisfies ExportedHandler<Env>;
`;

const DOM = `
import { presignedPostForm, type PresignedPost } from "@storages/s3/signing";
import { MemoryStorage } from "@storages/s3/storage";

export async function savesAFileOfAnInput(input: HTMLInputElement): Promise<string | undefined> {
  const file = input.files?.[0];
  return file && await new MemoryStorage().save(file.name, file);
}

export async function sendsAForm(post: PresignedPost, file: File): Promise<boolean> {
  const response = await fetch(post.url, { method: "POST", body: presignedPostForm(post, file) });
  return response.ok;
}
`;

/** The programs, by the name of the type library. */
export const PROGRAMS_OF_LIBRARIES: Readonly<Record<string, string>> = {
  "@types/node 20": NODE,
  "@types/node 22": NODE,
  "@types/node 24": NODE,
  "@types/node 26": NODE,
  "bun-types": BUN,
  "workers-types": WORKERS,
  "DOM": DOM,
};
