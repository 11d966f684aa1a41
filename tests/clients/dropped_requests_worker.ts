/**
 * A Worker whose requests share storages of global variables. The path of a request names what it does, and the header
 * `endpoint` is the service.
 */
import type { Credentials } from "../../src/aws/credentials.ts";
import { fileField, type StoredFile } from "../../src/field/mod.ts";
import { S3Storage } from "../../mod.ts";
import { handleUpload } from "../../src/upload/mod.ts";
import type { WriteOptions } from "../../src/storage/contract/options.ts";
import type { S3StorageOptions } from "../../src/settings/options.ts";
import { S3ManifestStaticStorage } from "../../src/static/mod.ts";
import { CREDENTIALS, HOUR_SECONDS } from "./dropped_requests.ts";

const KEYS = { accessKey: CREDENTIALS.accessKeyId, secretKey: CREDENTIALS.secretAccessKey };

/** How far the clock of the storages is ahead. */
let ahead = 0;

/** The number of requests. */
let arrived = 0;

/** Makes a value at the first request, and returns the same one to all. */
function shared<Value>(make: (endpoint: string) => Value): (endpoint: string) => Value {
  let made: { readonly value: Value } | undefined;
  return (endpoint) => (made ??= { value: make(endpoint) }).value;
}

const storageAt = (endpointUrl: string, options: S3StorageOptions = KEYS): S3Storage =>
  new S3Storage({ bucketName: "media", endpointUrl, regionName: "us-east-1", ...options });

/** Credentials that a service provides. */
const provided = (endpoint: string, lifetime?: number) => async (): Promise<Credentials> => {
  const response = await fetch(`${endpoint}/credentials`);
  const credentials = await response.json() as Credentials;
  if (lifetime === undefined) return credentials;
  return { ...credentials, expiration: new Date(Date.now() + (ahead + lifetime) * 1000) };
};

const plain = shared((endpoint) => storageAt(endpoint));
const statics = shared((endpoint) =>
  new S3ManifestStaticStorage({ bucketName: "media", endpointUrl: endpoint, regionName: "us-east-1", ...KEYS })
);
const lasting = shared((endpoint) => storageAt(endpoint, { credentials: provided(endpoint) }));
const expiring = shared((endpoint) =>
  storageAt(endpoint, {
    credentials: provided(endpoint, HOUR_SECONDS),
    now: () => new Date(Date.now() + ahead * 1000),
  })
);
const record = shared((endpoint): StoredFile => fileField(storageAt(endpoint)).file("a.txt"));

/** What happens to the body of a request, by the names of their paths. */
const UPLOADS: Readonly<Record<string, (request: Request, endpoint: string, held: WriteOptions) => unknown>> = {
  "save-body": (request, endpoint, held) =>
    storageAt(endpoint).save("body.bin", request.body!, { onExisting: "replace", ...held }),
  "write-body": async (request, endpoint, held) =>
    await request.body!.pipeTo((await storageAt(endpoint).open("body.bin", "w", held)).writable),
  "form": (request, endpoint, held) => handleUpload(storageAt(endpoint), request, held),
  "storage-body": (request, endpoint, held) =>
    storageAt(endpoint, { ...KEYS, ...held }).save("body.bin", request.body!, { onExisting: "replace" }),
};

/** What requests do, by the names of their paths. */
const TASKS: Readonly<Record<string, (endpoint: string) => unknown>> = {
  manifest: (endpoint) => statics(endpoint).url("a.css"),
  lasting: (endpoint) => lasting(endpoint).readText("a.txt"),
  expiring: (endpoint) => expiring(endpoint).readText("a.txt"),
  save: (endpoint) => plain(endpoint).save("saved.txt", "hello", { onExisting: "replace" }),
  large: (endpoint) => plain(endpoint).save("large.bin", new Uint8Array(9_000_000), { onExisting: "replace" }),
  stream: async (endpoint) => {
    const name = `stream-${crypto.randomUUID()}.bin`;
    return await plain(endpoint).save(name, pieces(10), { onExisting: "refuse" }) === name;
  },
  read: (endpoint) => plain(endpoint).readText("a.txt"),
  list: async (endpoint) => (await Array.fromAsync(plain(endpoint).list())).length,
  record: async (endpoint) => (await record(endpoint).open()).size > 0,
  /** The number of bodies being sent that the storage holds. */
  bodies: (endpoint) => (plain(endpoint).backend as unknown as Held).client.learned.connections.sent?.size ?? 0,
  early: () => ahead = HOUR_SECONDS - 120,
  late: () => ahead = HOUR_SECONDS - 20,
  expired: () => ahead = HOUR_SECONDS + 20,
  arrived: () => arrived,
};

interface Held {
  readonly client: {
    readonly learned: { readonly connections: { readonly sent?: { readonly size: number } } };
  };
}

function pieces(count: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller): void {
      if (count-- > 0) controller.enqueue(new Uint8Array(1_000_000));
      else controller.close();
    },
  });
}

export default {
  async fetch(request: Request, _: unknown, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> {
    arrived++;
    try {
      const name = new URL(request.url).pathname.slice(1);
      const endpoint = request.headers.get("endpoint")!;
      if (request.body === null) return Response.json(await TASKS[name]!(endpoint));
      const held = request.headers.has("held") ? { waitUntil: (work: Promise<unknown>) => ctx.waitUntil(work) } : {};
      await UPLOADS[name]!(request, endpoint, held);
      return Response.json("stored");
    } catch (error) {
      return new Response(`${error instanceof Error ? error.stack : error}`, { status: 500 });
    }
  },
};
