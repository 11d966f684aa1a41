import { checkCredentials, type Credentials, type RefreshableProvider } from "../aws/credentials.ts";
import { credentialsInTime } from "../credentials/time_limit.ts";
import { ConfigurationError } from "../errors.ts";
import { isPromise } from "../kit/async/is_promise.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { isBun, isDeno, machine } from "../runtime/detect.ts";
import { findHmacKey } from "../runtime/hash/hmac_key.ts";
import type { Transport } from "../runtime/transport/transport.ts";
import type { Settings } from "../settings/resolve.ts";
import { Connections } from "./connections.ts";
import { type BucketAddress, bucketAddress } from "./endpoint.ts";
import { exchange, type ReceivedResponse } from "./exchange.ts";
import type { SentBody } from "./flow/sent_body.ts";
import { GuardedBody } from "./guarded_body.ts";
import type { Learned } from "./recovery/corrections.ts";
import type { Call } from "./recovery/recovery.ts";
import type { S3Request } from "./request.ts";
import { BUDGET_TOKENS, noFailures, type RetryState } from "./retry.ts";
import type { ReceivedDocument, ServiceFailure } from "./service_failure.ts";

/** Loaded on demand: most responses are neither failures nor documents. */
const loadFailures = (): Promise<FailureModule> => import("./service_failure.ts");

type FailureModule = typeof import("./service_failure.ts");

/** Throws the error that a response describes. */
type Fail = (describe: (module: FailureModule) => ServiceFailure | Promise<ServiceFailure>) => Promise<never>;

/** Reads a successful response. */
type Read<T> = (received: ReceivedResponse, fail: Fail) => T | Promise<T>;

/** Loaded on demand: most requests succeed the first time. If that fails, the failure of the request is thrown. */
const loadRecovery = (failure: unknown): Promise<typeof import("./recovery/recovery.ts")> =>
  import("./recovery/recovery.ts").catch(() => {
    throw failure;
  });

/** A response whose body the caller reads. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: GuardedBody;
}

/** Sends single requests to S3: signs and retries them, and follows a bucket to its region. */
export class S3Client {
  readonly settings: Settings;
  /** What clients with the same connection share. */
  readonly learned: Learned;
  /** Provides the credentials. */
  readonly provider: RefreshableProvider;

  readonly #transport: Transport | undefined;
  readonly #hmacKey = findHmacKey();
  #checked: Credentials | undefined;
  /** The address of the last request; usually also that of the next one. */
  #address: { readonly bucket: string; readonly regionName: string; readonly is: BucketAddress } | undefined;

  /**
   * @param provider Provides the credentials.
   * @param like A client with the same connection, to share what it has learned.
   * @throws {ConfigurationError} If `verify` or `proxies` are malformed, or not supported on this runtime.
   */
  constructor(settings: Settings, provider: RefreshableProvider, like?: S3Client) {
    this.settings = settings;
    this.provider = provider;
    this.learned = like
      ? like.learned
      : { retryTokens: BUDGET_TOKENS, regions: new Map(), connections: new Connections(), clockErrorMilliseconds: 0 };
    const isShared = like?.settings.clientConfig.connectTimeout === settings.clientConfig.connectTimeout;
    if (like && isShared) this.#transport = like.#transport;
    else if (settings.fetch === undefined) this.#transport = transportFor(settings);
  }

  /**
   * Makes a client with other settings.
   *
   * @param provider Provides other credentials.
   * @param isSameConnection Whether the settings lead to the same service in the same way.
   */
  derived(settings: Settings, provider: RefreshableProvider | undefined, isSameConnection: boolean): S3Client {
    return new S3Client(settings, provider ?? this.provider, isSameConnection ? this : undefined);
  }

  /** Identifies the service, for what else is remembered of it: clients with the same connection share it. */
  get service(): object {
    return this.learned;
  }

  /** The region that requests for a bucket are signed for: the one it was found in, otherwise the configured one. */
  regionOf(bucket: string): string {
    return this.learned.regions.get(bucket) ?? this.settings.regionName;
  }

  /**
   * Returns the credentials to sign with now. Temporary failures of their source are retried like those of requests.
   *
   * @throws {ConfigurationError} If no credentials are configured, or they are malformed.
   * @throws {TimeoutError} If their source does not answer within `clientConfig.credentialsTimeout`.
   */
  async credentials(signal: AbortSignal | undefined): Promise<Credentials> {
    for (const retries = noFailures();;) {
      try {
        return await this.#credentials(signal);
      } catch (error) {
        await this.pauseBeforeRetry(error, { signal }, retries);
      }
    }
  }

  /** Like `credentials`, but synchronous if the credentials are available. */
  #credentials(signal: AbortSignal | undefined): Credentials | Promise<Credentials> {
    signal?.throwIfAborted();
    const provided = this.provider();
    if (!isPromise(provided)) return this.#check(provided);
    const { credentialsTimeout } = this.settings.clientConfig;
    return credentialsInTime(credentialsTimeout, unlessAborted(signal, () => provided), this.provider)
      .then((credentials) => this.#check(credentials));
  }

  /** @throws {ConfigurationError} If the bucket cannot be addressed in that region. */
  #addressOf(bucket: string, regionName: string): BucketAddress {
    let last = this.#address;
    if (last?.bucket !== bucket || last.regionName !== regionName) {
      last = this.#address = { bucket, regionName, is: bucketAddress(this.settings, regionName, bucket) };
    }
    return last.is;
  }

  /** The time to sign with: that of the configured clock, corrected if the service rejected it. */
  now(clockError = this.learned.clockErrorMilliseconds): Date {
    const now = this.settings.now();
    return clockError === 0 ? now : new Date(now.getTime() + clockError);
  }

  /**
   * Returns the credentials to sign with now, if the provider has them synchronously.
   *
   * @throws {ConfigurationError} If no credentials are configured, they are malformed, or not available yet.
   */
  credentialsSync(): Credentials {
    const credentials = this.provider();
    if (!isPromise(credentials)) return this.#check(credentials);
    credentials.catch(() => {}); // prevent an unhandled rejection
    throw new ConfigurationError(
      "The credentials are not available yet: await url() or any request before urlSync()",
    );
  }

  /** Sends a request and returns the headers of the response, whose body is not needed. */
  async send(request: S3Request): Promise<Headers> {
    return await this.#send(request, async ({ response }) => {
      await response.body?.cancel(); // an unread body would block its connection
      return response.headers;
    });
  }

  /**
   * Sends a request and leaves the body of the response to the caller, who must read or cancel it.
   *
   * @param retries The state of the body that this request continues: a response alone is not a success for it.
   */
  async sendForStream(request: S3Request, retries?: RetryState): Promise<StreamedResponse> {
    let body: GuardedBody | undefined;
    try {
      const seconds = this.settings.clientConfig.idleTimeout;
      const { connections } = this.learned;
      return await this.#send(request, (received) => {
        const step = { request, host: received.host, awaited: "bytes", seconds };
        const pace = connections.bandwidth?.paceOf(this.settings, request.signal);
        body = new GuardedBody(received, step, connections, pace);
        const { status, headers } = received.response;
        return { status, headers, body };
      }, retries);
    } catch (error) {
      body?.cancel().catch(() => {}); // it arrived at the moment of the timeout or abort
      throw error;
    }
  }

  /**
   * Sends a request and reads the XML document of the response.
   *
   * @param root The name of the root element; any other response is invalid, whatever its status.
   */
  async sendForXml(request: S3Request, root: string): Promise<ReceivedDocument> {
    return await this.#send(
      { ...request, root },
      async (received, fail) => (await loadFailures()).readResult(received, request, root, fail),
    );
  }

  /** Sends a request until it succeeds, or fails for good. */
  async #send<T>(request: S3Request, read: Read<T>, continued?: RetryState): Promise<T> {
    const call: Call = { request, retries: continued ?? noFailures() };
    for (;;) {
      call.signing = call.failure = undefined;
      try {
        const result = await this.#attempt(call, read);
        if (continued === undefined) this.earnRetries(call.retries);
        return result;
      } catch (error) {
        request.onFailedAttempt?.();
        await (await loadRecovery(error)).recover(this, call, error);
      }
    }
  }

  /** Sends a request once, as soon as there are credentials and a free connection. */
  async #attempt<T>(call: Call, read: Read<T>): Promise<T> {
    const { request, corrections } = call;
    const { connections } = this.learned;
    const provided = this.#credentials(request.signal);
    const credentials = isPromise(provided) ? await provided : provided;
    const region = corrections?.region ?? this.regionOf(request.bucket);
    const entering = connections.enter(this.settings, request, call.startedAt);
    if (entering !== undefined) await entering;
    try {
      const date = this.now(corrections?.clockErrorMilliseconds);
      call.signing = { credentials, region, date };
      request.unsentSignal?.throwIfAborted();
      call.startedAt ??= performance.now();
      const context = {
        credentials,
        address: this.#addressOf(request.bucket, region),
        date,
        hmacKey: this.#hmacKey,
        connections,
        send: this.#fetch,
        attempts: attemptsOf(call),
        startedAt: call.startedAt,
      };
      const result = await exchange(this.settings, request, context, (received) => readResponse(call, received, read));
      connections.leave();
      return result;
    } catch (error) {
      connections.leave(error);
      throw error;
    }
  }

  /** Counts a failed attempt and waits before the next one; throws the failure if there may be no other attempt. */
  async pauseBeforeRetry(error: unknown, request: Partial<S3Request>, retries: RetryState): Promise<void> {
    const { pauseBeforeRetry } = await loadRecovery(error);
    await pauseBeforeRetry(this.settings, this.learned, this.now(), { error, request, retries });
  }

  /** Returns the tokens that were spent before a success, and one more. */
  earnRetries(retries: RetryState): void {
    this.learned.retryTokens = Math.min(BUDGET_TOKENS, this.learned.retryTokens + retries.spent + 1);
    retries.spent = retries.breaks = 0;
  }

  /** Checks each credentials object once: most requests are signed with the same one. */
  #check(credentials: Credentials): Credentials {
    if (credentials !== this.#checked) this.#checked = checkCredentials(credentials);
    return credentials;
  }

  readonly #fetch = (url: string, init: RequestInit, sent?: SentBody): Promise<Response> => {
    const own = this.settings.fetch;
    if (own === undefined) {
      if (this.#transport !== undefined) return this.#transport.fetch(url, init);
      if (sent !== undefined) return sent.fetch(url, init);
      const response = fetch(url, init);
      return init.method === "HEAD" && isDeno() ? response.then((head) => withSize(head, url, init)) : response;
    }
    const adapted = sent?.fetchInit(init) ?? init;
    const send = (request: RequestInit): Promise<Response> => Promise.resolve(own(new Request(url, request)));
    const { body } = adapted;
    // In Bun up to 1.3.14 the body of a Request of a sliced Blob has other bytes.
    if (isBun() && body instanceof Blob) return body.arrayBuffer().then((body) => send({ ...adapted, body }));
    return send(adapted);
  };
}

/** The response to HEAD; Deno below 2.9 removes the size of an encoded object. */
async function withSize(head: Response, url: string, init: RequestInit): Promise<Response> {
  if (!head.ok || head.headers.has("content-length")) return head;
  return await (await machine.load()).completeHead(head, url, init);
}

/** The number of the current attempt, from 1 on. */
function attemptsOf({ retries, corrections }: Call): number {
  return retries.failed + 1 + (corrections?.made ?? 0);
}

/** Reads a response, or throws the error that it describes. */
function readResponse<T>(call: Call, received: ReceivedResponse, read: Read<T>): T | Promise<T> {
  const { request } = call;
  const { operation, bucket, key } = request;
  const { response } = received;
  const fail: Fail = async (describe) => {
    const module = await loadFailures();
    call.failure = await describe(module);
    throw module.toStorageError(call.failure, { operation, bucket, key, attempts: attemptsOf(call) });
  };
  call.corrections?.remember(bucket, response.status);
  if (!response.ok) return fail(({ readFailure }) => readFailure(received, request));
  return hasRequestId(response) ? read(received, fail) : loadFailures()
    .then(({ checkResponse }) => checkResponse(received, request, fail))
    .then((checked) => read(checked, fail));
}

/** Whether a response has what only S3 and its look-alikes send, so that it needs no further check. */
function hasRequestId({ headers }: Response): boolean {
  return headers.has("x-amz-request-id");
}

/** The transport for the settings; `undefined` for the runtime's `fetch`. Servers of plain HTTP have no certificate. */
function transportFor({ endpointUrl, useSsl, verify, proxies, clientConfig }: Settings): Transport | undefined {
  const isSecure = endpointUrl === undefined ? useSsl : endpointUrl.protocol === "https:";
  const { connectTimeout } = clientConfig;
  return machine.createTransport({
    verify: isSecure || proxies ? verify : true,
    proxies: proxies?.reveal(),
    connectTimeout,
  });
}
