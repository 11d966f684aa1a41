/** An in-memory S3 server on loopback that holds uploads or downloads back, so that a command can be looked at while it is under way. */
import { Presigner } from "../../src/signing/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";

export interface HeldServer extends AsyncDisposable {
  /** Where to store into the bucket `media`. */
  place(prefix: string): string;
  /** Answers so many uploads from now on, or requests of another method, and holds the others back. */
  hold(after: number, method?: string): void;
  /** Answers all that is held back, and all that comes. */
  release(): void;
  /** Resolves once a request is held back. */
  held(): Promise<void>;
  /** All that is stored. */
  names(): Promise<string[]>;
  /** How many uploads in parts are neither completed nor aborted. */
  uploads(): Promise<number>;
}

/** Serves it on a free port. */
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

/** A folder with so many small files. */
export async function folderOf(files: number): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "storages-site-" });
  for (let index = 0; index < files; index++) {
    await Deno.writeTextFile(`${folder}/file-${String(index).padStart(4, "0")}.txt`, `content ${index}\n`);
  }
  return folder;
}
