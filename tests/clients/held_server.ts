/** An in-memory S3 server on loopback that delays uploads or downloads, so that a running command can be observed. */
import { Presigner } from "../../src/signing/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";

export interface HeldServer extends AsyncDisposable {
  /** A place in the bucket `media`. */
  place(prefix: string): string;
  /** Answers a number of uploads, or requests of another method, and holds later ones. */
  hold(after: number, method?: string): void;
  /** Answers all held requests, and all later ones. */
  release(): void;
  /** Resolves when a request is held. */
  held(): Promise<void>;
  /** The keys of all objects. */
  names(): Promise<string[]>;
  /** The number of open multipart uploads. */
  uploads(): Promise<number>;
}

/** Starts the server on a free port. */
export function serveHeld(): HeldServer {
  const server = createS3Server({ buckets: ["media"] });
  let free = Infinity;
  let heldMethod = "PUT";
  let gate = Promise.withResolvers<void>();
  let holding = Promise.withResolvers<void>();
  const release = (): void => {
    free = Infinity;
    gate.resolve();
  };
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (request.method === heldMethod && --free < 0) {
      holding.resolve();
      await gate.promise;
    }
    return await server.fetch(request);
  });
  const endpoint = `http://127.0.0.1:${http.addr.port}`;
  const place = (prefix: string): string =>
    `s3://testkey:testsecret@media/${prefix}?endpoint=${encodeURIComponent(endpoint)}&region=us-east-1&style=path`;
  return {
    place,
    hold(after, method = "PUT"): void {
      heldMethod = method;
      gate = Promise.withResolvers();
      holding = Promise.withResolvers();
      free = after;
    },
    release,
    held: () => holding.promise,
    async uploads(): Promise<number> {
      const credentials = { accessKeyId: "testkey", secretAccessKey: "testsecret" };
      const presigner = new Presigner({ bucketUrl: `${endpoint}/`, region: "us-east-1", credentials });
      const url = presigner.url("media", { query: { uploads: "" } });
      const text = await (await server.fetch(new Request(url))).text();
      return text.match(/<Upload>/g)?.length ?? 0;
    },
    async names(): Promise<string[]> {
      const { S3Storage } = await import("../../mod.ts");
      const storage = S3Storage.fromUrl(place(""));
      return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      release();
      await http.shutdown();
    },
  };
}

/** Creates a folder with a number of small files. */
export async function folderOf(files: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "storages-site-" });
  for (let index = 0; index < files; index++) {
    await Deno.writeTextFile(`${folder}/file-${String(index).padStart(4, "0")}.txt`, `content ${index}\n`);
  }
  return folder;
}
