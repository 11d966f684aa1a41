import { encodeBase64, encodeHex } from "../kit/bytes/bytes.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkAccess } from "./authentication/access.ts";
import { authenticate, effectiveHeaders } from "./authentication/authenticate.ts";
import { CredentialBook } from "./authentication/credential_book.ts";
import { parseCannedAcl } from "./authentication/acl.ts";
import { ANONYMOUS } from "./authentication/identity.ts";
import { isFormUpload, postObject } from "./forms/post_form.ts";
import { viewObject, viewUpload, viewVersions } from "./inspection.ts";
import { completeRestores } from "./objects/restore_object.ts";
import { findOperation } from "./operations.ts";
import { readPayload } from "./payload/payload.ts";
import { allowAnyOrigin, preflight } from "./protocol/cors.ts";
import { errorResponse, toServerError } from "./protocol/error_response.ts";
import { readRequest, type S3Request } from "./protocol/request.ts";
import { type ResolvedOptions, resolveOptions } from "./resolved_options.ts";
import type {
  S3Server,
  S3ServerBucketOptions,
  S3ServerObject,
  S3ServerOptions,
  S3ServerRequest,
  S3ServerUpload,
  S3ServerVersion,
} from "./server_options.ts";
import type { Bucket } from "./store/bucket.ts";
import { BucketStore, isBucketName } from "./store/bucket_store.ts";

const MAX_LOGGED_REQUESTS = 1000;

/** Facts about a request that its log entry needs, collected while it is handled. */
interface Progress {
  request: S3Request | undefined;
  operation: string | undefined;
}

/**
 * Creates an S3 server in memory. It checks signatures, checksums and the rules of S3 strictly, so that code that works
 * with it also works with S3.
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
  return new InMemoryServer(options);
}

class InMemoryServer implements S3Server {
  readonly requests: S3ServerRequest[] = [];
  readonly #store = new BucketStore();
  readonly #credentials: CredentialBook;
  readonly #hostnames: readonly string[];
  readonly #options: ResolvedOptions;

  constructor(options: S3ServerOptions) {
    this.#options = resolveOptions(options);
    const { credentials, hostnames, buckets, versioning } = this.#options;
    this.#credentials = new CredentialBook(credentials);
    this.#hostnames = hostnames.map((hostname) => hostname.toLowerCase());
    for (const name of buckets) this.createBucket(name, { versioning: versioning.includes(name) });
  }

  /** Bound, like the other methods, so that it can be passed on by itself. */
  readonly fetch = async (raw: Request): Promise<Response> => {
    const progress: Progress = { request: undefined, operation: undefined };
    const ids = { requestId: randomId(8, encodeHex).toUpperCase(), hostId: randomId(48, encodeBase64) };
    let response: Response;
    let errorCode: string | undefined;
    try {
      response = await this.#respond(raw, progress);
    } catch (thrown) {
      const error = toServerError(thrown);
      errorCode = error.code;
      const request = progress.request ?? { method: raw.method, rawPath: rawPathOf(raw.url) };
      response = errorResponse(error, request, ids);
      // A client with the wrong region learns the right one, even from a response without a body.
      if (raw.method === "HEAD" && (error.status === 400 || error.status === 301)) {
        response.headers.set("x-amz-bucket-region", this.#options.region);
      }
    }
    response.headers.set("x-amz-request-id", ids.requestId);
    response.headers.set("x-amz-id-2", ids.hostId);
    response.headers.set("date", this.#options.now().toUTCString());
    response.headers.set("server", "AmazonS3");
    if (this.#options.cors) allowAnyOrigin(response.headers);
    if (this.requests.length === MAX_LOGGED_REQUESTS) this.requests.shift();
    const { method } = raw;
    const { operation } = progress;
    this.requests.push({ method, path: rawPathOf(raw.url), operation, status: response.status, errorCode });
    return response;
  };

  readonly createBucket = (name: string, options: S3ServerBucketOptions = {}): void => {
    const shown = JSON.stringify(name);
    checkOptions(`create bucket ${shown}`, options, ["versioning"]);
    if (!isBucketName(name)) {
      throw new TypeError(
        `Cannot create bucket ${shown}: the name must have 3 to 63 lower-case letters, digits, dots or hyphens, ` +
          "and must not be an IP address",
      );
    }
    if (this.#store.find(name) !== undefined) return;
    const bucket = this.#store.create(name, this.#now(), parseCannedAcl("private"));
    if (options.versioning) bucket.versioning = "Enabled";
  };

  readonly objects = (name: string): S3ServerObject[] => {
    const bucket = this.#bucket(name), now = this.#now();
    return bucket.keys.map((key) => viewObject(bucket.get(key), now));
  };

  readonly versions = (name: string): S3ServerVersion[] => {
    const bucket = this.#bucket(name), now = this.#now();
    return bucket.versionedKeys.flatMap((key) => viewVersions(bucket, key, now));
  };

  readonly completeRestores = (name: string): void => completeRestores(this.#bucket(name), this.#now());

  readonly openUploads = (name: string): S3ServerUpload[] => {
    return [...this.#bucket(name).uploads.values()].map(viewUpload);
  };

  async #respond(raw: Request, progress: Progress): Promise<Response> {
    const request = progress.request = await readRequest(raw, this.#hostnames);
    if (request.method === "OPTIONS") return preflight(request, this.#options.cors);
    const { region, minPartSize, maxCopySize, instantRestore, unconditional, now } = this.#options;
    const settings = { credentials: this.#credentials, region, now: now() };
    if (isFormUpload(request)) {
      progress.operation = "PostObject";
      await readPayload(request, request.headers, ANONYMOUS);
      return await postObject(request, this.#store, { ...settings, now: wholeSeconds(settings.now) });
    }
    const identity = await authenticate(request, settings);
    const headers = effectiveHeaders(request, identity);
    const operation = findOperation({ ...request, headers });
    progress.operation = operation.name;
    checkAccess({ request, identity, store: this.#store }, operation.access);
    return await operation.run({
      request,
      headers: unconditional.includes(operation.name) ? withoutConditions(headers) : headers,
      payload: await readPayload(request, headers, identity),
      identity,
      store: this.#store,
      now: wholeSeconds(settings.now),
      region,
      minPartSize,
      maxCopySize,
      instantRestore,
    });
  }

  #now(): Date {
    return wholeSeconds(this.#options.now());
  }

  #bucket(name: string): Bucket {
    const bucket = this.#store.find(name);
    if (bucket !== undefined) return bucket;
    throw new TypeError(
      `Cannot inspect bucket ${JSON.stringify(name)}: it does not exist. Create it with createBucket() first`,
    );
  }
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
