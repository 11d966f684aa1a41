import { checkAccess } from "./authentication/access.ts";
import { authenticate, effectiveHeaders } from "./authentication/authenticate.ts";
import { type Bucket, BucketStore, isBucketName } from "./store/bucket_store.ts";
import { openToPages, preflight } from "./protocol/cors.ts";
import { CredentialBook } from "./authentication/credential_book.ts";
import { toBase64, toHex } from "./payload/digests.ts";
import { errorResponse, toServerError } from "./protocol/error_response.ts";
import { ANONYMOUS } from "./authentication/identity.ts";
import { viewObject, viewUpload } from "./inspection.ts";
import { readPayload } from "./payload/payload.ts";
import { isFormUpload, postObject } from "./forms/post_form.ts";
import { readRequest, type S3Request } from "./protocol/request.ts";
import { findOperation } from "./operations.ts";
import type { S3Server, S3ServerOptions, S3ServerRequest } from "./server_options.ts";

const MAX_LOGGED_REQUESTS = 1000;

const DEFAULT_MIN_PART_SIZE = 5 * 1024 * 1024;
const DEFAULT_MAX_COPY_SIZE = 5 * 1024 ** 3;

/** What is known of a request while it is answered, for the log. */
interface Progress {
  request: S3Request | undefined;
  operation: string | undefined;
}

/**
 * Creates an S3 server in memory: strict about signatures, checksums and S3's rules, so that what works against it works
 * against S3.
 *
 * @example Usage
 * ```ts
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] });
 * const response = await server.fetch(new Request("http://localhost/media/hello.txt"));
 * assertEquals(response.status, 403);
 * assertStringIncludes(await response.text(), "<Code>AccessDenied</Code>");
 * assertEquals(server.requests[0]?.operation, "GetObject");
 * ```
 *
 * @param options The credentials, region, buckets and rules of the server.
 * @returns The server.
 */
export function createS3Server(options: S3ServerOptions = {}): S3Server {
  const store = new BucketStore();
  const credentials = new CredentialBook(
    options.credentials ?? [{ accessKeyId: "testkey", secretAccessKey: "testsecret" }],
  );
  const region = options.region ?? "us-east-1";
  const hostnames = (options.hostnames ?? ["localhost"]).map((hostname) => hostname.toLowerCase());
  const now = options.now ?? ((): Date => new Date());
  const { minPartSize = DEFAULT_MIN_PART_SIZE, maxCopySize = DEFAULT_MAX_COPY_SIZE } = options;
  const requests: S3ServerRequest[] = [];

  const createBucket = (name: string): void => {
    if (!isBucketName(name)) {
      throw new TypeError(
        `Cannot create a bucket as its name breaks S3's rules: current value is ${JSON.stringify(name)}`,
      );
    }
    if (store.find(name) === undefined) store.create(name, wholeSeconds(now()), "private");
  };
  const inspected = (name: string): Bucket => {
    const bucket = store.find(name);
    if (bucket !== undefined) return bucket;
    throw new TypeError(
      `Cannot look into a bucket as the server has none of that name: current value is ${JSON.stringify(name)}`,
    );
  };
  const unconditional = new Set(options.unconditional);
  for (const name of options.buckets ?? []) createBucket(name);

  const answer = async (raw: Request, progress: Progress): Promise<Response> => {
    const request = progress.request = await readRequest(raw, hostnames);
    if (request.method === "OPTIONS") return preflight(request, options.cors ?? false);
    const settings = { credentials, region, now: now() };
    if (isFormUpload(request)) {
      progress.operation = "PostObject";
      await readPayload(request, request.headers, ANONYMOUS);
      return await postObject(request, store, { ...settings, now: wholeSeconds(settings.now) });
    }
    const identity = await authenticate(request, settings);
    const headers = effectiveHeaders(request, identity);
    const operation = findOperation({ ...request, headers });
    progress.operation = operation.name;
    checkAccess({ request, identity, store }, operation.access);
    return await operation.run({
      request,
      headers: unconditional.has(operation.name) ? withoutConditions(headers) : headers,
      payload: await readPayload(request, headers, identity),
      identity,
      store,
      now: wholeSeconds(settings.now),
      region,
      minPartSize,
      maxCopySize,
    });
  };

  const fetch = async (raw: Request): Promise<Response> => {
    const progress: Progress = { request: undefined, operation: undefined };
    const ids = { requestId: randomId(8, toHex).toUpperCase(), hostId: randomId(48, toBase64) };
    let response: Response;
    let errorCode: string | undefined;
    try {
      response = await answer(raw, progress);
    } catch (thrown) {
      const error = toServerError(thrown);
      errorCode = error.code;
      const request = progress.request ?? { method: raw.method, rawPath: rawPathOf(raw.url) };
      response = errorResponse(error, request, ids);
      // A client that went to the wrong region learns the right one even where there is no body to say it.
      if (raw.method === "HEAD" && (error.status === 400 || error.status === 301)) {
        response.headers.set("x-amz-bucket-region", region);
      }
    }
    response.headers.set("x-amz-request-id", ids.requestId);
    response.headers.set("x-amz-id-2", ids.hostId);
    response.headers.set("date", now().toUTCString());
    response.headers.set("server", "AmazonS3");
    if (options.cors) openToPages(response.headers);
    if (requests.length === MAX_LOGGED_REQUESTS) requests.shift();
    requests.push({
      method: raw.method,
      path: rawPathOf(raw.url),
      operation: progress.operation,
      status: response.status,
      errorCode,
    });
    return response;
  };

  return {
    fetch,
    requests,
    createBucket,
    objects: (name) => {
      const bucket = inspected(name);
      return bucket.keys.map((key) => viewObject(bucket.get(key)));
    },
    openUploads: (name) => [...inspected(name).uploads.values()].map(viewUpload),
  };
}

function withoutConditions(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => !/^(x-amz-copy-source-)?if-/.test(name)));
}

/** S3 keeps its times in whole seconds. */
function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

function rawPathOf(url: string): string {
  return /^[^:]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? "/";
}

function randomId(length: number, encode: (bytes: Uint8Array) => string): string {
  return encode(crypto.getRandomValues(new Uint8Array(length)));
}
