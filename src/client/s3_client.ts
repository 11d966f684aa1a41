import { NO_CREDENTIALS } from "../credentials/from_settings.ts";
import type { CredentialProvider, Credentials } from "../credentials/provider.ts";
import { ConfigurationError, StorageError, ThrottledError } from "../errors.ts";
import { fullJitter, retryAfterMilliseconds, RetryBudget, sleep } from "../kit/backoff.ts";
import { parseXml, type XmlElement } from "../kit/xml.ts";
import { REGION_NAME } from "../settings/checks.ts";
import type { Settings } from "../settings/resolve.ts";
import { exchange } from "./exchange.ts";
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
import { describeFailure, lacking, readFailure, type ServiceFailure, toStorageError } from "./service_error.ts";

/** A bucket is moved once at the most; a second redirect is a loop. */
const MAX_REDIRECTS = 2;

/** Buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** Sends requests to S3, one at a time each: signs them, retries them, follows a bucket to its region. */
export class S3Client {
  readonly settings: Settings;
  readonly #budget = new RetryBudget(BUDGET_TOKENS);
  readonly #regions = new Map<string, string>();
  /** The service's clock less ours, in milliseconds, once it has complained. */
  #clockOffset = 0;

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

  /** The time by the service's clock, as far as it is known. */
  now(): Date {
    return new Date(this.settings.now().getTime() + this.#clockOffset);
  }

  /**
   * The credentials to sign with now.
   *
   * @throws {ConfigurationError} If none are configured.
   */
  async credentials(): Promise<Credentials> {
    if (this.#provider === undefined) throw new ConfigurationError(NO_CREDENTIALS);
    return await this.#provider();
  }

  /** Sends a request whose answer's body is of no interest; returns the answer's headers. */
  async send(request: S3Request): Promise<Headers> {
    return await this.#send(request, async (response) => {
      await response.body?.cancel(); // an unread body would hold its connection
      return response.headers;
    });
  }

  /** Sends a request and leaves the answer's body to the caller, who must read or cancel it. */
  async sendForStream(request: S3Request): Promise<Response> {
    return await this.#send(request, (response) => Promise.resolve(response));
  }

  /** Sends a request and reads the XML document that answers it. */
  async sendForXml(request: S3Request): Promise<{ document: XmlElement; response: Response }> {
    return await this.#send(request, async (response) => {
      const text = await response.text();
      const document = parseDocument(text, request);
      // Copies and completions answer 200 before they are done, and may still fail in the document.
      if (document.name === "Error") throw new EmbeddedFailure(describeFailure(response, document));
      return { document, response };
    });
  }

  async #send<T>(request: S3Request, read: (response: Response) => Promise<T>): Promise<T> {
    let redirects = 0;
    let clockWasSet = false;
    let spent = 0;
    for (let attempt = 1;; attempt++) {
      const region = this.regionOf(request.bucket);
      const outcome = await this.#try(request, region, attempt, read);
      if (!(outcome instanceof Failed)) {
        this.#budget.earn(spent + 1);
        return outcome;
      }
      const { error, failure } = outcome;
      if (failure !== undefined && redirects < MAX_REDIRECTS && this.#followRegion(request.bucket, region, failure)) {
        redirects++;
        attempt--;
        continue;
      }
      if (!clockWasSet && this.#setClock(failure)) {
        clockWasSet = true;
        attempt--;
        continue;
      }
      if (attempt >= this.settings.clientConfig.maxAttempts || !isRetryable(error, request)) throw error;
      const pause = pauseBefore(attempt, error, failure, this.settings.now());
      if (pause === undefined || !this.#budget.spend(TOKENS_PER_RETRY)) throw error;
      spent += TOKENS_PER_RETRY;
      await sleep(pause, request.signal);
    }
  }

  /** Sends once; failures of the service and the network are returned, all others thrown. */
  async #try<T>(
    request: S3Request,
    region: string,
    attempts: number,
    read: (response: Response) => Promise<T>,
  ): Promise<T | Failed> {
    request.signal?.throwIfAborted();
    const credentials = await this.credentials();
    const failed = (failure: ServiceFailure): Failed => {
      const { operation, bucket, key } = request;
      return new Failed(toStorageError(failure, { operation, bucket, key, attempts }), failure);
    };
    try {
      return await exchange(
        this.settings,
        request,
        { credentials, region, date: this.now(), attempts },
        async (response) => {
          return response.ok ? await read(response) : failed(await readFailure(response));
        },
      );
    } catch (error) {
      if (error instanceof EmbeddedFailure) return failed(error.failure);
      if (error instanceof StorageError) return new Failed(error, undefined);
      throw error;
    }
  }

  /** Remembers the bucket's region if the failure names another than the one that was asked; true if it does. */
  #followRegion(bucket: string, asked: string, failure: ServiceFailure): boolean {
    const region = failure.region;
    if (region === undefined || region === asked || !REGION_FAILURES.has(failure.response.status)) return false;
    if (!REGION_NAME.test(region)) return false; // it would become part of a host's name
    if (this.#regions.size >= REMEMBERED_REGIONS) this.#regions.clear();
    this.#regions.set(bucket, region);
    return true;
  }

  /** Sets the clock by the service's if ours is far off; that is a reason to be refused, also where no code says so. */
  #setClock(failure: ServiceFailure | undefined): boolean {
    const offset = Date.parse(failure?.response.headers.get("date") ?? "") - this.settings.now().getTime();
    if (failure?.response.status !== 403 || !(Math.abs(offset - this.#clockOffset) > MAX_CLOCK_SKEW_MILLISECONDS)) {
      return false;
    }
    this.#clockOffset = offset;
    return true;
  }
}

/** How far a clock may be off: S3 allows a quarter of an hour, others less. */
const MAX_CLOCK_SKEW_MILLISECONDS = 4 * 60 * 1000;

/** Statuses that S3 gives a request for a bucket of another region, HEAD's bare 400 among them. */
const REGION_FAILURES: ReadonlySet<number> = new Set([301, 307, 400, 403]);

/** A failure that came in a document with status 200. */
class EmbeddedFailure extends Error {
  constructor(readonly failure: ServiceFailure) {
    super(failure.s3Code);
  }
}

/** A try that failed, with what the service said if it said something. */
class Failed {
  constructor(readonly error: StorageError, readonly failure: ServiceFailure | undefined) {}
}

function parseDocument(text: string, request: S3Request): XmlElement {
  try {
    return parseXml(text);
  } catch (cause) {
    throw lacking(request.operation, "the XML document it should have", { ...request, cause });
  }
}

/** Milliseconds to wait, or `undefined` where the service asks for more than anyone would wait. */
function pauseBefore(
  attempt: number,
  error: StorageError,
  failure: ServiceFailure | undefined,
  now: Date,
): number | undefined {
  const initial = error instanceof ThrottledError ? THROTTLED_INITIAL_MILLISECONDS : INITIAL_MILLISECONDS;
  const jitter = fullJitter(attempt - 1, initial, MAX_MILLISECONDS);
  const asked = retryAfterMilliseconds(failure?.response.headers.get("retry-after") ?? null, now) ?? 0;
  return asked > MAX_RETRY_AFTER_MILLISECONDS ? undefined : Math.max(asked, jitter);
}
