import { NO_CREDENTIALS } from "../credentials/from_settings.ts";
import { checkCredentials, type CredentialProvider, type Credentials } from "../credentials/provider.ts";
import { ConfigurationError, StorageError, ThrottledError } from "../errors.ts";
import { fullJitter, retryAfterMilliseconds, sleep } from "../kit/backoff.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
import type { XmlElement } from "../kit/xml.ts";
import { REGION_NAME } from "../settings/checks.ts";
import type { Settings } from "../settings/resolve.ts";
import { exchange } from "./exchange.ts";
import { guardedBody } from "./guarded_body.ts";
import type { S3Request } from "./request.ts";
import {
  BUDGET_TOKENS,
  INITIAL_MILLISECONDS,
  isRetryable,
  MAX_MILLISECONDS,
  MAX_RETRY_AFTER_MILLISECONDS,
  THROTTLED_INITIAL_MILLISECONDS,
  TOKENS_PER_RETRY,
} from "./retry.ts";
import {
  describeFailure,
  lacking,
  parseDocument,
  readFailure,
  type ServiceFailure,
  toStorageError,
} from "./service_error.ts";

/** A bucket is moved once at the most; a second redirect is a loop. */
const MAX_REDIRECTS = 2;

/** Buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** Sends requests to S3, one at a time each: signs them, retries them, follows a bucket to its region. */
export class S3Client {
  readonly settings: Settings;
  /** What retries spend and successes earn back: while it is spent, a failure is final at once. */
  #retryTokens = BUDGET_TOKENS;
  readonly #regions = new Map<string, string>();
  readonly #provider: CredentialProvider | undefined;

  /** @param provider Who hands out credentials; without one only unsigned URLs can be made. */
  constructor(settings: Settings, provider: CredentialProvider | undefined) {
    this.settings = settings;
    this.#provider = provider;
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
    const provider = this.#provider;
    if (provider === undefined) throw new ConfigurationError(NO_CREDENTIALS);
    return checkCredentials(await unlessAborted(signal, async () => await provider()));
  }

  /**
   * The credentials to sign with now, if the provider has them without waiting.
   *
   * @throws {ConfigurationError} If none are configured, they are none, or they have to be waited for.
   */
  credentialsSync(): Credentials {
    if (this.#provider === undefined) throw new ConfigurationError(NO_CREDENTIALS);
    const credentials = this.#provider();
    if (!(credentials instanceof Promise)) return checkCredentials(credentials);
    credentials.catch(() => {}); // nobody is going to hear of it
    throw new ConfigurationError(
      "The credentials are not there yet: await url() once before urlSync(), or any request",
    );
  }

  /** Sends a request whose answer's body is of no interest; returns the answer's headers. */
  async send(request: S3Request): Promise<Headers> {
    return await this.#send(request, async (response) => {
      await response.body?.cancel(); // an unread body would hold its connection
      return response.headers;
    });
  }

  /** Sends a request and leaves the answer's body to the caller, who must read or cancel it. */
  async sendForStream(request: S3Request): Promise<{ headers: Headers; body: ReadableStream<Uint8Array> }> {
    return await this.#send(request, (response, _fail, host) => {
      const body = guardedBody(response, { request, host, seconds: this.settings.clientConfig.timeout });
      return Promise.resolve({ headers: response.headers, body });
    });
  }

  /**
   * Sends a request and reads the XML document that answers it.
   *
   * @param root The name of the document's root element; anything else is no answer of S3, whatever its status.
   */
  async sendForXml(request: S3Request, root: string): Promise<{ document: XmlElement; response: Response }> {
    return await this.#send(request, async (response, fail) => {
      const document = parseDocument(await response.text());
      // Copies and completions answer 200 before they are done, and may still fail in the document.
      if (document?.name === "Error") fail(describeFailure(response, document));
      if (document?.name !== root) throw lacking(request.operation, `a document named ${root}`, request);
      return { document, response };
    });
  }

  async #send<T>(
    request: S3Request,
    read: (response: Response, fail: (failure: ServiceFailure) => never, host: string) => Promise<T>,
  ): Promise<T> {
    const { operation, bucket, key } = request;
    let redirects = 0;
    let spent = 0;
    for (let attempt = 1;; attempt++) {
      const region = this.regionOf(bucket);
      const attempts = attempt + redirects;
      let failure: ServiceFailure | undefined;
      const fail = (described: ServiceFailure): never => {
        failure = described;
        throw toStorageError(described, { operation, bucket, key, attempts });
      };
      try {
        request.signal?.throwIfAborted();
        const context = {
          credentials: await this.credentials(request.signal),
          region,
          date: this.settings.now(),
          attempts,
        };
        const result = await exchange(this.settings, request, context, async (response, host) => {
          return response.ok ? await read(response, fail, host) : fail(await readFailure(response));
        });
        this.#retryTokens = Math.min(BUDGET_TOKENS, this.#retryTokens + spent + 1);
        return result;
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
        if (redirects < MAX_REDIRECTS && this.#followRegion(bucket, region, failure)) {
          redirects++;
          attempt--;
          continue;
        }
        if (attempt >= this.settings.clientConfig.maxAttempts || !isRetryable(error, request)) throw error;
        const pause = pauseBefore(attempt, error, this.settings.now());
        if (pause === undefined || this.#retryTokens < TOKENS_PER_RETRY) throw error;
        this.#retryTokens -= TOKENS_PER_RETRY;
        spent += TOKENS_PER_RETRY;
        await sleep(pause, request.signal);
      }
    }
  }

  /** Remembers the bucket's region if the failure names another than the one that was asked; true if it does. */
  #followRegion(bucket: string, asked: string, failure: ServiceFailure | undefined): boolean {
    const region = failure?.region;
    if (region === undefined || region === asked || !REGION_FAILURES.has(failure!.response.status)) return false;
    if (!REGION_NAME.test(region)) return false; // it would become part of a host's name
    if (bucket.startsWith("arn:")) return false; // it says its region itself
    if (this.#regions.size >= REMEMBERED_REGIONS) this.#regions.clear();
    this.#regions.set(bucket, region);
    return true;
  }
}

/** Statuses that S3 gives a request for a bucket of another region, HEAD's bare 400 among them. */
const REGION_FAILURES: ReadonlySet<number> = new Set([301, 307, 400, 403]);

/** Milliseconds to wait, or `undefined` where the service asks for more than anyone would wait. */
function pauseBefore(attempt: number, error: StorageError, now: Date): number | undefined {
  const initial = error instanceof ThrottledError ? THROTTLED_INITIAL_MILLISECONDS : INITIAL_MILLISECONDS;
  const jitter = fullJitter(attempt - 1, initial, MAX_MILLISECONDS);
  const asked = retryAfterMilliseconds(error.response?.headers.get("retry-after") ?? null, now) ?? 0;
  return asked > MAX_RETRY_AFTER_MILLISECONDS ? undefined : Math.max(asked, jitter);
}
