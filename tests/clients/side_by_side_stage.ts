/** The server that the programs of the pages run against: every program begins with the same files. */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { CREDENTIALS, patternBytes } from "./served_server.ts";

/** The keys that a page names in its code. */
const NAMED_KEYS = { accessKeyId: "minioadmin", secretAccessKey: "miniosecret" } as const;

/** The program that needs more than three attempts. */
const RETRYING = "Retries and timeouts";

/** The program for a server in another region. */
const OTHER_REGION = "Another server, such as MinIO";

const WRITE_ID = "storages-write-id";

/** What a program did. */
export interface Outcome {
  /** What it printed; of links and forms, what they did. */
  readonly printed: unknown;
  /** The stored objects, and the files on disk. */
  readonly state: unknown;
  readonly failure: string | undefined;
}

/** An S3 server on loopback that starts anew for each program. */
export class Stage implements AsyncDisposable {
  readonly outcomes = new Map<string, Outcome & { readonly initial: unknown }>();
  readonly #folder: string;
  readonly #usesFilm: (task: string) => boolean;
  readonly #http: Deno.HttpServer<Deno.NetAddr>;
  #server: S3Server = createS3Server();
  #failures = 0;
  #initial: unknown;

  /** @param folder The working directory of the programs. */
  constructor(folder: string, usesFilm: (task: string) => boolean) {
    this.#folder = folder;
    this.#usesFilm = usesFilm;
    this.#http = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#respond(request),
    );
  }

  /** Writes the files on disk that programs upload. */
  static async open(folder: string, usesFilm: (task: string) => boolean): Promise<Stage> {
    await Deno.writeTextFile(`${folder}/report.csv`, "a,b\n1,2\n");
    await Deno.writeFile(`${folder}/film.mp4`, patternBytes(6_000_000));
    return new Stage(folder, usesFilm);
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#http.addr.port}`;
  }

  /** Where programs report that they begin and end. */
  get url(): string {
    return `${this.endpoint}/-stage/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }

  async #respond(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const task = searchParams.get("task") ?? "";
    if (pathname === "/-stage/start") {
      await this.#start(task);
      return new Response("started\n");
    }
    if (pathname === "/-stage/end") {
      const { printed, failure } = await request.json() as { printed: unknown[]; failure?: string };
      const done = failure === undefined ? await this.#use(task, printed) : printed;
      this.outcomes.set(task, { printed: done, state: await this.#state(), failure, initial: this.#initial });
      return new Response("ended\n");
    }
    if (this.#failures > 0) {
      this.#failures--;
      await request.body?.cancel();
      const document = "<Error><Code>InternalError</Code><Message>Try again</Message></Error>";
      return new Response(document, { status: 500, headers: { "content-type": "application/xml" } });
    }
    return await this.#server.fetch(request);
  }

  /** A server with some files. */
  async #start(task: string): Promise<void> {
    const region = task === OTHER_REGION ? "us-east-1" : "eu-west-1";
    const server = createS3Server({
      buckets: ["media", "archive"],
      versioning: ["media"],
      credentials: [CREDENTIALS, NAMED_KEYS],
      region,
    });
    this.#server = server;
    const options: S3StorageOptions = {
      bucketName: "media",
      regionName: region,
      accessKey: CREDENTIALS.accessKeyId,
      secretKey: CREDENTIALS.secretAccessKey,
      endpointUrl: "http://127.0.0.1",
      fetch: server.fetch,
    };
    const storage = new S3Storage(options);
    const tagged = new S3Storage({ ...options, objectParameters: { Tagging: "team=web&stage=live" } });
    await tagged.save("notes/a.txt", "hello\n", { metadata: { author: "ada" } });
    await storage.save("config.json", JSON.stringify({ theme: "dark", limit: 5 }));
    await storage.save("logo.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]));
    for (const day of ["10-31", "11-01", "11-02", "11-03"]) await storage.save(`logs/2026-${day}.txt`, `${day}\n`);
    await storage.save("logs/debug/1.txt", "1");
    for (const name of ["old/1.txt", "old/2.txt", "old/deep/3.txt"]) await storage.save(name, name);
    const lines = new Blob(['{"id":1}\n{"id":2}\n']).stream().pipeThrough(new CompressionStream("gzip"));
    await storage.save("events.jsonl.gz", new Uint8Array(await new Response(lines).arrayBuffer()));
    await storage.save("report.txt", "first");
    await storage.save("report.txt", "the second");
    await storage.save("report.txt.old", "another");
    await new S3Storage({ ...options, objectParameters: { StorageClass: "GLACIER" } }).save("2020.csv", "a,b");
    if (this.#usesFilm(task)) await storage.save("film.mp4", await Deno.readFile(`${this.#folder}/film.mp4`));
    this.#initial = await this.#state();
    this.#failures = task === RETRYING ? 5 : 0;
  }

  /** Follows the links and sends the forms that a program printed, so that their effects are compared. */
  async #use(task: string, printed: unknown[]): Promise<unknown> {
    const [first, second] = printed;
    if (task === "A link that downloads") {
      const response = await fetch(String(first));
      return [response.status, response.headers.get("content-disposition"), await response.text()];
    }
    if (task === "A link to upload by PUT") {
      const response = await fetch(String(first), { method: "PUT", body: new Uint8Array([1, 2, 3]) });
      return [response.status, await response.text()];
    }
    if (task === "A form for uploads") {
      const statuses: number[] = [];
      for (const size of [3, 2 * 1024 ** 2]) { // the second is too large
        const body = new FormData();
        for (const [name, value] of Object.entries(second as Record<string, string>)) body.set(name, value);
        body.set("file", new File([new Uint8Array(size)], "me.png"));
        const response = await fetch(String(first), { method: "POST", body });
        await response.body?.cancel();
        statuses.push(response.status);
      }
      return statuses;
    }
    return printed;
  }

  async #state(): Promise<unknown> {
    const objects: unknown[] = [];
    for (const bucket of ["media", "archive"]) {
      for (const { key, isLatest, object } of this.#server.versions(bucket)) {
        if (object === undefined) objects.push([bucket, key, isLatest, "deleted"]);
        else objects.push([bucket, key, isLatest, await described(object)]);
      }
    }
    const uploads = this.#server.openUploads("media").length;
    const copy = `${this.#folder}/copy.mp4`;
    const saved = await Deno.readFile(copy).then(digest, () => undefined);
    if (saved !== undefined) await Deno.remove(copy);
    return { objects, uploads, saved };
  }
}

/** The attributes of an object that a program decides. */
async function described(object: ReturnType<S3Server["objects"]>[number]): Promise<unknown> {
  const { bytes, contentType, headers, metadata, tags, storageClass, restore, partCount } = object;
  const { [WRITE_ID]: _, ...own } = metadata;
  return {
    bytes: bytes.length < 100 ? new TextDecoder().decode(bytes) : await digest(bytes),
    contentType: contentType.replace(/;\s*charset=utf-8$/i, ""),
    cacheControl: headers["cache-control"],
    metadata: own,
    tags,
    storageClass,
    isRestoring: restore?.includes('ongoing-request="true"'),
    partCount,
  };
}

async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
