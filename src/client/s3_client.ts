import { checkCredentials, type Credentials, type RefreshableProvider } from "../aws/credentials.ts";
import { ConfigurationError, ConnectionError, StorageError, ThrottledError, TimeoutError } from "../errors.ts";
import { fullJitter, retryAfterMilliseconds, sleep } from "../kit/async/backoff.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import type { XmlElement } from "../kit/text/xml.ts";
import { bulkTransport, createTransport } from "../runtime/transport/create_transport.ts";
import { fetchInit } from "../runtime/transport/fetch_body.ts";
import { findHmacKey } from "../runtime/hash/hmac_key.ts";
import type { Transport } from "../runtime/transport/transport.ts";
import { realRegion } from "../aws/region.ts";
import type { Settings } from "../settings/resolve.ts";
import { mayMoveTo } from "../aws/hosts.ts";
import { type BucketAddress, bucketAddress } from "./endpoint.ts";
import { exchange, type ReceivedResponse } from "./exchange.ts";
import { GuardedBody } from "./guarded_body.ts";
import type { S3Request } from "./request.ts";
import {
  BUDGET_TOKENS,
  INITIAL_MILLISECONDS,
  isRetryable,
  MAX_MILLISECONDS,
  MAX_RETRY_AFTER_MILLISECONDS,
  type RetryState,
  THROTTLED_INITIAL_MILLISECONDS,
  TOKENS_PER_RETRY,
} from "./retry.ts";
import { invalidResponse } from "./invalid_response.ts";
import type { ServiceFailure } from "./service_failure.ts";

/** Loaded on demand: most responses are neither failures nor documents. */
const loadFailures = (): Promise<FailureModule> => import("./service_failure.ts");

type FailureModule = typeof import("./service_failure.ts");

/** Throws the error that a response describes. */
type Fail = (describe: (module: FailureModule) => ServiceFailure | Promise<ServiceFailure>) => Promise<never>;

/** Redirects per request; more of them form a loop. */
const MAX_REDIRECTS = 2;

/** Codes of expired credentials. */
const EXPIRED_CODES = /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired)$/;

/** The least error of a clock, in milliseconds, that is taken for the cause of a rejection; S3 tolerates 15 minutes. */
const MIN_CLOCK_ERROR_MILLISECONDS = 300_000;

/** About 317 years: times farther from 1970 are not believed. Signatures have no room for years after 9999. */
const MAX_CLOCK_MILLISECONDS = 1e13;

/** The inputs of a request's signature. */
interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  readonly date: Date;
}

/** Corrections of region and clock from a failure: used for the same request, remembered once it succeeds. */
interface Advice {
  region?: string;
  clockErrorMilliseconds?: number;
}

/** The number of buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** What clients of one service have learned. */
interface Learned {
  /** The retry budget: retries spend it, successes earn it back. Without tokens a failure is final. */
  retryTokens: number;
  readonly regions: Map<string, string>;
  /** How far the service's clock is ahead of ours, if it rejected a request for that. */
  clockErrorMilliseconds: number;
}

/** A response whose body the caller reads. */
export interface StreamedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: GuardedBody;
}

/** Sends single requests to S3: signs and retries them, and follows a bucket to its region. */
export class S3Client {
  readonly settings: Settings;
  readonly #learned: Learned;
  readonly #provider: RefreshableProvider;

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
    this.#provider = provider;
    this.#learned = like
      ? like.#learned
      : { retryTokens: BUDGET_TOKENS, regions: new Map(), clockErrorMilliseconds: 0 };
    this.#transport = like ? like.#transport : settings.fetch === undefined ? transportFor(settings) : undefined;
  }

  /**
   * Makes a client with other settings.
   *
   * @param provider Provides other credentials.
   * @param isSameConnection Whether the settings lead to the same service in the same way.
   */
  derived(settings: Settings, provider: RefreshableProvider | undefined, isSameConnection: boolean): S3Client {
    return new S3Client(settings, provider ?? this.#provider, isSameConnection ? this : undefined);
  }

  /** Identifies the service, for what else is remembered of it: clients with the same connection share it. */
  get service(): object {
    return this.#learned;
  }

  /** The region that requests for a bucket are signed for: the one it was found in, otherwise the configured one. */
  regionOf(bucket: string): string {
    return this.#learned.regions.get(bucket) ?? this.settings.regionName;
  }

  /**
   * Returns the credentials to sign with now.
   *
   * @throws {ConfigurationError} If no credentials are configured, or they are malformed.
   */
  async credentials(signal: AbortSignal | undefined): Promise<Credentials> {
    return await this.#credentials(signal);
  }

  /** Like `credentials`, but synchronous if the credentials are available. */
  #credentials(signal: AbortSignal | undefined): Credentials | Promise<Credentials> {
    signal?.throwIfAborted();
    const provided = this.#provider();
    if (!(provided instanceof Promise)) return this.#check(provided);
    return unlessAborted(signal, () => provided).then((credentials) => this.#check(credentials));
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
  now(clockError = this.#learned.clockErrorMilliseconds): Date {
    const now = this.settings.now();
    return clockError === 0 ? now : new Date(now.getTime() + clockError);
  }

  /**
   * Returns the credentials to sign with now, if the provider has them synchronously.
   *
   * @throws {ConfigurationError} If no credentials are configured, they are malformed, or not available yet.
   */
  credentialsSync(): Credentials {
    const credentials = this.#provider();
    if (!(credentials instanceof Promise)) return this.#check(credentials);
    credentials.catch(() => {}); // prevent an unhandled rejection
    throw new ConfigurationError(
      "The credentials are not available yet: await url() or any request before urlSync()",
    );
  }

  /** Sends a request and returns the headers of the response, whose body is not needed. */
  async send(request: S3Request): Promise<Headers> {
    return await this.#send(request, async (received, fail, request) => {
      const { response } = received;
      if (isDoubtful(response)) await (await loadFailures()).refuseForeign(received, request, fail);
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
      return await this.#send(request, (received, fail, request) => {
        const open = (): StreamedResponse => {
          body = new GuardedBody(received, {
            request,
            host: received.host,
            seconds: this.settings.clientConfig.timeout,
          });
          const { status, headers } = received.response;
          return { status, headers, body };
        };
        if (!isDoubtful(received.response)) return open();
        return loadFailures().then(({ refuseForeign }) => refuseForeign(received, request, fail)).then(open);
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
  async sendForXml(request: S3Request, root: string): Promise<ReceivedResponse & { readonly document: XmlElement }> {
    return await this.#send(request, async (received, fail) => {
      const { foreignFailure, isForeignPage, readDocument } = await loadFailures();
      const document = await readDocument(received, request.operation, request);
      // Copies and completions respond with 200 before they are finished; the document may then report a failure.
      if (document?.name === "Error") await fail(({ describeFailure }) => describeFailure(received, document));
      if (document?.name !== root && isForeignPage(received.response)) await fail(() => foreignFailure(received));
      if (document?.name !== root) throw invalidResponse(request.operation, `missing document ${root}`, request);
      return { ...received, document };
    });
  }

  async #send<T>(
    original: S3Request,
    read: (received: ReceivedResponse, fail: Fail, request: S3Request) => T | Promise<T>,
    continued?: RetryState,
  ): Promise<T> {
    const { signal } = original;
    // A signal for each request: Node warns of a signal with many listeners.
    const request = signal === undefined ? original : { ...original, signal: AbortSignal.any([signal]) };
    const { operation, bucket, key } = request;
    const recoveries = { regions: MAX_REDIRECTS, clocks: 1, renewals: 1 };
    const advice: Advice = {};
    const retries = continued ?? { failed: 0, spent: 0 };
    for (let recovered = 0;;) {
      const attempts = retries.failed + 1 + recovered;
      let signing: Signing | undefined;
      let failure: ServiceFailure | undefined;
      const fail: Fail = async (describe) => {
        const module = await loadFailures();
        failure = await describe(module);
        throw module.toStorageError(failure, { operation, bucket, key, attempts });
      };
      try {
        const provided = this.#credentials(request.signal);
        const credentials = provided instanceof Promise ? await provided : provided;
        const region = advice.region ?? this.regionOf(bucket);
        signing = { credentials, region, date: this.now(advice.clockErrorMilliseconds) };
        request.unsentSignal?.throwIfAborted();
        const result = await exchange(
          this.settings,
          request,
          {
            credentials,
            address: this.#addressOf(bucket, signing.region),
            date: signing.date,
            hmacKey: this.#hmacKey,
            send: this.#fetch,
            attempts,
          },
          (received) => {
            const { ok, status } = received.response;
            if (status < 500 && !REJECTIONS.has(status)) this.#remember(bucket, advice);
            return ok ? read(received, fail, request) : fail(({ readFailure }) => readFailure(received));
          },
        );
        if (continued === undefined) this.earnRetries(retries);
        return result;
      } catch (error) {
        request.onFailedAttempt?.();
        if (failure === undefined && isUnreachable(error)) this.#learned.regions.delete(bucket);
        if (failure !== undefined && await this.#recover(failure, request, signing!, advice, recoveries)) recovered++;
        else await this.pauseBeforeRetry(error, request, retries);
      }
    }
  }

  /** Counts a failed attempt and waits before the next one; throws the failure if there may be no other attempt. */
  async pauseBeforeRetry(
    error: unknown,
    request: Partial<S3Request>,
    retries: RetryState,
  ): Promise<void> {
    if (!(error instanceof StorageError) || !isRetryable(error, request)) throw error;
    if (request.unsentSignal?.aborted) throw error;
    if (++retries.failed >= this.settings.clientConfig.maxAttempts) throw error;
    const pause = pauseBefore(retries.failed, error, this.now());
    if (pause === undefined || this.#learned.retryTokens < TOKENS_PER_RETRY) throw error;
    this.#learned.retryTokens -= TOKENS_PER_RETRY;
    retries.spent += TOKENS_PER_RETRY;
    await sleep(pause, request.unsentSignal ?? request.signal);
  }

  /** Returns the tokens that were spent before a success, and one more. */
  earnRetries(retries: RetryState): void {
    this.#learned.retryTokens = Math.min(BUDGET_TOKENS, this.#learned.retryTokens + retries.spent + 1);
    retries.spent = 0;
  }

  /** Corrects the region, the clock or the credentials after a rejection; returns whether to send the request again. */
  async #recover(
    failure: ServiceFailure,
    { bucket, method, signal }: S3Request,
    { region, date, credentials }: Signing,
    advice: Advice,
    left: { regions: number; clocks: number; renewals: number },
  ): Promise<boolean> {
    if (left.regions > 0 && this.#adviseRegion(bucket, region, failure, advice)) return left.regions-- > 0;
    if (left.clocks > 0 && this.#adviseClock(date, method, failure, advice)) return left.clocks-- > 0;
    if (left.renewals === 0 || !isExpired(failure, credentials)) return false;
    left.renewals--;
    return await this.#renew(credentials, signal);
  }

  /** Checks each credentials object once: most requests are signed with the same one. */
  #check(credentials: Credentials): Credentials {
    if (credentials !== this.#checked) this.#checked = checkCredentials(credentials);
    return credentials;
  }

  readonly #fetch = (url: string, init: RequestInit): Promise<Response> => {
    const { settings } = this;
    if (settings.fetch !== undefined) return Promise.resolve(settings.fetch(new Request(url, fetchInit(init))));
    const transport = this.#transport ?? bulkTransport(url, init);
    return transport === undefined ? fetch(url, fetchInit(init)) : transport.fetch(url, init);
  };

  /** Asks the provider to renew rejected credentials; returns whether it has other ones. */
  async #renew(rejected: Credentials, signal: AbortSignal | undefined): Promise<boolean> {
    await unlessAborted(signal, async () => void await this.#provider.refused?.(rejected));
    const { accessKeyId, secretAccessKey, sessionToken } = await this.credentials(signal);
    return accessKeyId !== rejected.accessKeyId || secretAccessKey !== rejected.secretAccessKey ||
      sessionToken !== rejected.sessionToken;
  }

  /** Remembers advice that led to a response. */
  #remember(bucket: string, { region, clockErrorMilliseconds }: Advice): void {
    if (clockErrorMilliseconds !== undefined) this.#learned.clockErrorMilliseconds = clockErrorMilliseconds;
    if (region === undefined) return;
    if (this.#learned.regions.size >= REMEMBERED_REGIONS) this.#learned.regions.clear();
    this.#learned.regions.set(bucket, region);
  }

  /** Adopts the service's clock if the failure is about ours; returns whether it is. */
  #adviseClock(signed: Date, method: string, { response, s3Code }: ServiceFailure, advice: Advice): boolean {
    // The response to HEAD has no document with a code.
    const isHead = method === "HEAD" && s3Code === undefined;
    if (response.status !== 403 || !(isHead || s3Code === "RequestTimeTooSkewed")) return false;
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const isOff = Math.abs(theirs - signed.getTime()) >= MIN_CLOCK_ERROR_MILLISECONDS &&
      Math.abs(theirs) < MAX_CLOCK_MILLISECONDS;
    if (isOff) advice.clockErrorMilliseconds = theirs - this.settings.now().getTime();
    if (isOff || !isHead) this.#learned.clockErrorMilliseconds = 0; // the previous correction was rejected
    return isOff;
  }

  /** Adopts the bucket's region if the failure names another one than was used; returns whether it does. */
  #adviseRegion(
    bucket: string,
    used: string,
    { response: { status }, region, s3Code }: ServiceFailure,
    advice: Advice,
  ): boolean {
    const real = realRegion(used);
    const isNamed = region !== undefined && region !== real.region;
    // Some services report a signature for another region only as a wrong signature.
    const isElsewhere = isNamed || status < 400 || s3Code === "SignatureDoesNotMatch";
    if (!REJECTIONS.has(status) || !isElsewhere) return false;
    if (this.#learned.regions.get(bucket) === used) this.#learned.regions.delete(bucket);
    delete advice.region;
    if (!isNamed || !mayMoveTo(region, real.region, this.settings)) return false;
    if (bucket.startsWith("arn:")) return false; // the ARN contains the region
    advice.region = real.fips ? `fips-${region}` : region;
    return true;
  }
}

/** Whether a response has neither of the validators that S3 sends with every object, though it may have content. */
function isDoubtful({ status, headers }: Response): boolean {
  return status !== 204 && !headers.has("etag") && !headers.has("last-modified");
}

/** The transport for the settings; `undefined` for the runtime's `fetch`. Servers of plain HTTP have no certificate. */
function transportFor({ endpointUrl, useSsl, verify, proxies }: Settings): Transport | undefined {
  const isSecure = endpointUrl === undefined ? useSsl : endpointUrl.protocol === "https:";
  return createTransport({ verify: isSecure || proxies ? verify : true, proxies: proxies?.reveal() });
}

/** Statuses of requests for a bucket in another region (400 without a document for HEAD), or with a wrong date. */
const REJECTIONS: ReadonlySet<number> = new Set([301, 307, 400, 403]);

/** Whether no response arrived: then the remembered region is forgotten. */
function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** Without a code, as for HEAD, the status 400 that AWS sends for expired tokens has to suffice. */
function isExpired({ response, s3Code }: ServiceFailure, { sessionToken }: Credentials): boolean {
  return s3Code === undefined ? response.status === 400 && Boolean(sessionToken) : EXPIRED_CODES.test(s3Code);
}

/** The time to wait in milliseconds; `undefined` if the service requests too long a pause. */
function pauseBefore(attempt: number, error: StorageError, now: Date): number | undefined {
  const initial = error instanceof ThrottledError ? THROTTLED_INITIAL_MILLISECONDS : INITIAL_MILLISECONDS;
  const jitter = fullJitter(attempt - 1, initial, MAX_MILLISECONDS);
  const requested = retryAfterMilliseconds(error.response?.headers.get("retry-after") ?? null, now) ?? 0;
  return requested > MAX_RETRY_AFTER_MILLISECONDS ? undefined : Math.max(requested, jitter);
}
