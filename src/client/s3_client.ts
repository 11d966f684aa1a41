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
import { type Answer, exchange } from "./exchange.ts";
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

/** Loaded on demand: most answers are neither failures nor documents. */
const loadFailures = (): Promise<FailureModule> => import("./service_failure.ts");

type FailureModule = typeof import("./service_failure.ts");

/** Throws what an answer describes. */
type Fail = (describe: (module: FailureModule) => ServiceFailure | Promise<ServiceFailure>) => Promise<never>;

/** A bucket is moved once at the most; a second redirect is a loop. */
const MAX_REDIRECTS = 2;

/** Codes that say that the credentials have ended, whatever they say of when. */
const EXPIRED_CODES = /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired)$/;

/** A clock that is less off than this, in milliseconds, is not why a request was refused; S3 minds a quarter of an hour. */
const LEAST_CLOCK_ERROR_MILLISECONDS = 300_000;

/** Some 317 years: a time farther from 1970 is believed of no clock. Signatures have no room for years beyond 9999. */
const MOST_CLOCK_MILLISECONDS = 1e13;

/** What a request was signed with. */
interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  readonly date: Date;
}

/** What a failure says of where and when a request is to be sent: tried with that request, remembered once it is taken. */
interface Advice {
  region?: string;
  clockErrorMilliseconds?: number;
}

/** Buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** Sends requests to S3, one at a time each: signs them, retries them, follows a bucket to its region. */
export class S3Client {
  readonly settings: Settings;
  /** What retries spend and successes earn back: while it is spent, a failure is final at once. */
  #retryTokens = BUDGET_TOKENS;
  readonly #regions = new Map<string, string>();
  /** What the service's clock is ahead of ours, where that was too much for it. */
  #clockErrorMilliseconds = 0;
  readonly #provider: RefreshableProvider;

  readonly #transport: Transport | undefined;
  readonly #hmacKey = findHmacKey();
  #checked: Credentials | undefined;
  /** Where the last request went: as a rule the next one goes there too. */
  #address: { readonly bucket: string; readonly regionName: string; readonly is: BucketAddress } | undefined;

  /**
   * @param provider Who hands out credentials.
   * @throws {ConfigurationError} If the settings `verify` and `proxies` are malformed, or not possible on this runtime.
   */
  constructor(settings: Settings, provider: RefreshableProvider) {
    this.settings = settings;
    this.#provider = provider;
    this.#transport = settings.fetch === undefined ? transportFor(settings) : undefined;
  }

  /** The region a bucket's requests are signed for: the one it was found in, else the configured one. */
  regionOf(bucket: string): string {
    return this.#regions.get(bucket) ?? this.settings.regionName;
  }

  /**
   * The credentials to sign with now.
   *
   * @throws {ConfigurationError} If none are configured, or they are none.
   */
  async credentials(signal: AbortSignal | undefined): Promise<Credentials> {
    return await this.#credentials(signal);
  }

  /** As `credentials`, without waiting for those that are there. */
  #credentials(signal: AbortSignal | undefined): Credentials | Promise<Credentials> {
    signal?.throwIfAborted();
    const given = this.#provider();
    if (!(given instanceof Promise)) return this.#check(given);
    return unlessAborted(signal, () => given).then((credentials) => this.#check(credentials));
  }

  /** @throws {ConfigurationError} If the bucket cannot be reached in that region. */
  #addressOf(bucket: string, regionName: string): BucketAddress {
    let last = this.#address;
    if (last?.bucket !== bucket || last.regionName !== regionName) {
      last = this.#address = { bucket, regionName, is: bucketAddress(this.settings, regionName, bucket) };
    }
    return last.is;
  }

  /** The time to sign with: the configured clock's, put right once the service has found it wrong. */
  now(clockError = this.#clockErrorMilliseconds): Date {
    const now = this.settings.now();
    return clockError === 0 ? now : new Date(now.getTime() + clockError);
  }

  /**
   * The credentials to sign with now, if the provider has them without waiting.
   *
   * @throws {ConfigurationError} If none are configured, they are none, or they have to be waited for.
   */
  credentialsSync(): Credentials {
    const credentials = this.#provider();
    if (!(credentials instanceof Promise)) return this.#check(credentials);
    credentials.catch(() => {}); // nobody is going to hear of it
    throw new ConfigurationError(
      "The credentials are not there yet: await url() once before urlSync(), or any request",
    );
  }

  /** Sends a request whose answer's body is of no interest; returns the answer's headers. */
  async send(request: S3Request): Promise<Headers> {
    return await this.#send(request, async ({ response }) => {
      await response.body?.cancel(); // an unread body would hold its connection
      return response.headers;
    });
  }

  /**
   * Sends a request and leaves the answer's body to the caller, who must read or cancel it.
   *
   * @param tries Those of the body that this goes on with: an answer alone is no success for them.
   */
  async sendForStream(request: S3Request, tries?: RetryState): Promise<{ headers: Headers; body: GuardedBody }> {
    let body: GuardedBody | undefined;
    try {
      return await this.#send(request, (answer, _, request) => {
        body = new GuardedBody(answer, { request, host: answer.host, seconds: this.settings.clientConfig.timeout });
        return { headers: answer.response.headers, body };
      }, tries);
    } catch (error) {
      body?.cancel().catch(() => {}); // it came just as it was not waited for any more
      throw error;
    }
  }

  /**
   * Sends a request and reads the XML document that answers it.
   *
   * @param root The name of the document's root element; anything else is no answer of S3, whatever its status.
   */
  async sendForXml(request: S3Request, root: string): Promise<Answer & { readonly document: XmlElement }> {
    return await this.#send(request, async (answer, fail) => {
      const { readDocument } = await loadFailures();
      const document = await readDocument(answer, request.operation, request);
      // Copies and completions answer 200 before they are done, and may still fail in the document.
      if (document?.name === "Error") await fail(({ describeFailure }) => describeFailure(answer, document));
      if (document?.name !== root) throw invalidResponse(request.operation, `missing document ${root}`, request);
      return { ...answer, document };
    });
  }

  async #send<T>(
    asked: S3Request,
    read: (answer: Answer, fail: Fail, request: S3Request) => T | Promise<T>,
    earlier?: RetryState,
  ): Promise<T> {
    const { signal } = asked;
    // One of its own: Node warns of a signal that many requests listen to.
    const request = signal === undefined ? asked : { ...asked, signal: AbortSignal.any([signal]) };
    const { operation, bucket, key } = request;
    const remedies = { regions: MAX_REDIRECTS, clocks: 1, renewals: 1 };
    const advice: Advice = {};
    const tries = earlier ?? { failed: 0, spent: 0 };
    for (let remedied = 0;;) {
      const attempts = tries.failed + 1 + remedied;
      let signing: Signing | undefined;
      let failure: ServiceFailure | undefined;
      const fail: Fail = async (describe) => {
        const module = await loadFailures();
        failure = await describe(module);
        throw module.toStorageError(failure, { operation, bucket, key, attempts });
      };
      try {
        const given = this.#credentials(request.signal);
        const credentials = given instanceof Promise ? await given : given;
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
          (answer) => {
            const { ok, status } = answer.response;
            if (status < 500 && !REFUSALS.has(status)) this.#follow(bucket, advice);
            return ok ? read(answer, fail, request) : fail(({ readFailure }) => readFailure(answer));
          },
        );
        if (earlier === undefined) this.earnRetries(tries);
        return result;
      } catch (error) {
        request.onFailedTry?.();
        if (failure === undefined && isUnreachable(error)) this.#regions.delete(bucket);
        if (failure !== undefined && await this.#remedy(failure, request, signing!, advice, remedies)) remedied++;
        else await this.pauseBeforeRetry(error, request, tries);
      }
    }
  }

  /** Counts a failed try, and waits until there may be another; throws the failure where there shall be none. */
  async pauseBeforeRetry(
    error: unknown,
    request: Partial<S3Request>,
    tries: RetryState,
  ): Promise<void> {
    if (!(error instanceof StorageError) || !isRetryable(error, request)) throw error;
    if (request.unsentSignal?.aborted) throw error;
    if (++tries.failed >= this.settings.clientConfig.maxAttempts) throw error;
    const pause = pauseBefore(tries.failed, error, this.now());
    if (pause === undefined || this.#retryTokens < TOKENS_PER_RETRY) throw error;
    this.#retryTokens -= TOKENS_PER_RETRY;
    tries.spent += TOKENS_PER_RETRY;
    await sleep(pause, request.unsentSignal ?? request.signal);
  }

  /** Gives back what was spent on tries that led to something, and a little more. */
  earnRetries(tries: RetryState): void {
    this.#retryTokens = Math.min(BUDGET_TOKENS, this.#retryTokens + tries.spent + 1);
    tries.spent = 0;
  }

  /** Whether the request was refused for something that is put right now, so that it is worth to be sent once more. */
  async #remedy(
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

  /** Once for each object: most requests are signed with the same one. */
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

  /** Whether there are other credentials than the refused ones. */
  async #renew(refused: Credentials, signal: AbortSignal | undefined): Promise<boolean> {
    await unlessAborted(signal, async () => void await this.#provider.refused?.(refused));
    const { accessKeyId, secretAccessKey, sessionToken } = await this.credentials(signal);
    return accessKeyId !== refused.accessKeyId || secretAccessKey !== refused.secretAccessKey ||
      sessionToken !== refused.sessionToken;
  }

  /** Remembers advice that led to an answer. */
  #follow(bucket: string, { region, clockErrorMilliseconds }: Advice): void {
    if (clockErrorMilliseconds !== undefined) this.#clockErrorMilliseconds = clockErrorMilliseconds;
    if (region === undefined) return;
    if (this.#regions.size >= REMEMBERED_REGIONS) this.#regions.clear();
    this.#regions.set(bucket, region);
  }

  /** Goes by the service's clock if the failure is about ours; true if it is. */
  #adviseClock(signed: Date, method: string, { response, s3Code }: ServiceFailure, advice: Advice): boolean {
    // HEAD has no document that could hold a code.
    const isHead = method === "HEAD" && s3Code === undefined;
    if (response.status !== 403 || !(isHead || s3Code === "RequestTimeTooSkewed")) return false;
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const isOff = Math.abs(theirs - signed.getTime()) >= LEAST_CLOCK_ERROR_MILLISECONDS &&
      Math.abs(theirs) < MOST_CLOCK_MILLISECONDS;
    if (isOff) advice.clockErrorMilliseconds = theirs - this.settings.now().getTime();
    if (isOff || !isHead) this.#clockErrorMilliseconds = 0; // what was believed of the clock is refused
    return isOff;
  }

  /** Goes by the bucket's region if the failure names another than the one that was asked; true if it does. */
  #adviseRegion(
    bucket: string,
    asked: string,
    { response: { status }, region, s3Code }: ServiceFailure,
    advice: Advice,
  ): boolean {
    const real = realRegion(asked);
    const isNamed = region !== undefined && region !== real.region;
    // Some services say no more of a signature for another region than that it is wrong.
    const isElsewhere = isNamed || status < 400 || s3Code === "SignatureDoesNotMatch";
    if (!REFUSALS.has(status) || !isElsewhere) return false;
    if (this.#regions.get(bucket) === asked) this.#regions.delete(bucket);
    delete advice.region;
    if (!isNamed || !mayMoveTo(region, real.region, this.settings)) return false;
    if (bucket.startsWith("arn:")) return false; // it says its region itself
    advice.region = real.fips ? `fips-${region}` : region;
    return true;
  }
}

/** What sends requests where the runtime's `fetch` does not do it as wanted. A server of plain http shows no certificate. */
function transportFor({ endpointUrl, useSsl, verify, proxies }: Settings): Transport | undefined {
  const isSecure = endpointUrl === undefined ? useSsl : endpointUrl.protocol === "https:";
  return createTransport({ verify: isSecure || proxies ? verify : true, proxies: proxies?.reveal() });
}

/** Statuses that S3 gives a request for a bucket of another region, HEAD's bare 400 among them, or one with a wrong date. */
const REFUSALS: ReadonlySet<number> = new Set([301, 307, 400, 403]);

/** Whether nobody answered: a region whose host is out of reach is not gone on with. */
function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof TimeoutError;
}

/** HEAD has no document that could hold a code: then what AWS says of tokens that have ended has to do, a bare 400. */
function isExpired({ response, s3Code }: ServiceFailure, { sessionToken }: Credentials): boolean {
  return s3Code === undefined ? response.status === 400 && Boolean(sessionToken) : EXPIRED_CODES.test(s3Code);
}

/** Milliseconds to wait, or `undefined` where the service asks for more than anyone would wait. */
function pauseBefore(attempt: number, error: StorageError, now: Date): number | undefined {
  const initial = error instanceof ThrottledError ? THROTTLED_INITIAL_MILLISECONDS : INITIAL_MILLISECONDS;
  const jitter = fullJitter(attempt - 1, initial, MAX_MILLISECONDS);
  const asked = retryAfterMilliseconds(error.response?.headers.get("retry-after") ?? null, now) ?? 0;
  return asked > MAX_RETRY_AFTER_MILLISECONDS ? undefined : Math.max(asked, jitter);
}
