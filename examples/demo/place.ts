import { S3Storage } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";
import { countedFetch, type Traffic } from "./counted_fetch.ts";

/** Where the demo keeps its files. */
export interface Place extends AsyncDisposable {
  /** The kind of server and its address. */
  readonly server: string;
  readonly endpointUrl: string;
  /** The keys to show, where they are not secret. */
  readonly keys: string | undefined;
  readonly storage: S3Storage;
  /** What the storage has sent and received so far. */
  readonly traffic: Traffic;
}

const DEFAULT_BUCKET = "storages-demo";

/** The server in the environment variables, or a server in memory. */
export function placeFromEnvironment(): Place {
  const endpointUrl = Deno.env.get("AWS_S3_ENDPOINT_URL");
  return endpointUrl ? placeOnServer(endpointUrl) : placeInMemory();
}

/** A new folder for this run. */
function ownFolder(): string {
  return `demo-${crypto.randomUUID().slice(0, 8)}`;
}

function placeOnServer(endpointUrl: string): Place {
  const { fetch, traffic } = countedFetch();
  const storage = new S3Storage({
    bucketName: Deno.env.get("AWS_STORAGE_BUCKET_NAME") || DEFAULT_BUCKET,
    location: ownFolder(),
    querystringAuth: true,
    fileOverwrite: true,
    fetch,
  }); // endpoint, region and keys are read from the environment
  return {
    server: endpointUrl,
    endpointUrl,
    keys: undefined,
    storage,
    traffic,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function placeInMemory(): Place {
  const accessKeyId = "demo";
  const secretAccessKey = "demosecret";
  const server = createS3Server({ buckets: [DEFAULT_BUCKET], credentials: [{ accessKeyId, secretAccessKey }] });
  const http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => server.fetch(request),
  );
  const endpointUrl = `http://127.0.0.1:${http.addr.port}`;
  const { fetch, traffic } = countedFetch();
  // Options override the environment, which may name another server.
  const storage = new S3Storage({
    bucketName: DEFAULT_BUCKET,
    location: ownFolder(),
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    endpointUrl,
    regionName: "us-east-1",
    addressingStyle: "path",
    defaultAcl: "private",
    objectParameters: {},
    querystringAuth: true,
    querystringExpire: 3600,
    fileOverwrite: true,
    transferConfig: {},
    clientConfig: {},
    fetch,
  });
  return {
    server: `in memory, on ${endpointUrl}`,
    endpointUrl,
    keys: `access key ${accessKeyId}, secret key ${secretAccessKey}`,
    storage,
    traffic,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}
