/** Corrections of region, clock and credentials. Loaded on demand: most requests need none. */
import type { Credentials, RefreshableProvider } from "../../aws/credentials.ts";
import { mayMoveTo } from "../../aws/hosts.ts";
import { realRegion } from "../../aws/region.ts";
import { credentialsInTime } from "../../credentials/time_limit.ts";
import { StorageError } from "../../errors.ts";
import { abortWith } from "../../kit/async/on_abort.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import type { Settings } from "../../settings/resolve.ts";
import type { Connections } from "../connections.ts";
import { endOfCall } from "../flow/wait_limit.ts";
import type { S3Request } from "../request.ts";
import type { ServiceFailure } from "../service_failure.ts";

/** Redirects per request; more of them form a loop. */
const MAX_REDIRECTS = 2;

/** Codes of requests for a bucket in another region, which the response may not name. */
const MOVED_CODES = /^(PermanentRedirect|IllegalLocationConstraintException)$/;

/** The operation that asks for a bucket's region. It ends at the first response that names one. */
const HEAD_BUCKET = "HeadBucket";

/** The header with the region of a bucket. */
const REGION_HEADER = "x-amz-bucket-region";

/** Codes of credentials that have expired, or that were deleted when new ones replaced them. */
const EXPIRED_CODES =
  /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired|Invalid(AccessKeyId|Token|ClientTokenId))$/;

/** The least error of a clock, in milliseconds, that is taken for the cause of a rejection; S3 tolerates 15 minutes. */
const MIN_CLOCK_ERROR_MILLISECONDS = 300_000;

/** About 317 years: times farther from 1970 are not believed. Signatures have no room for years after 9999. */
const MAX_CLOCK_MILLISECONDS = 1e13;

/** The number of buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** Statuses of requests for a bucket in another region (400 without a document for HEAD), or with a wrong date. */
const REJECTIONS: ReadonlySet<number> = new Set([301, 302, 307, 400, 403]);

/** The inputs of a request's signature. */
export interface Signing {
  readonly credentials: Credentials;
  readonly region: string;
  readonly date: Date;
}

/** What clients of one service have learned. */
export interface Learned {
  /** The retry budget: retries spend it, successes earn it back. Without tokens a failure is final. */
  retryTokens: number;
  readonly regions: Map<string, string>;
  readonly connections: Connections;
  /** How far the service's clock is ahead of ours, if it rejected a request for that. */
  clockErrorMilliseconds: number;
}

/** What the corrections need of a client. */
export interface CorrectedClient {
  readonly settings: Settings;
  readonly provider: RefreshableProvider;
  readonly learned: Learned;
  /** The time to sign with. */
  now(): Date;
  /** Returns the credentials to sign with now. */
  credentials(signal: AbortSignal | undefined): Promise<Credentials>;
  /** Sends another request. */
  send(request: S3Request): Promise<Headers>;
}

/** The corrections of one request: used for its next attempt, remembered once that succeeds. */
export class Corrections {
  readonly #client: CorrectedClient;
  readonly #left = { regions: MAX_REDIRECTS, clocks: 1, renewals: 1, questions: 1 };
  /** Attempts that followed a correction. */
  made = 0;
  region: string | undefined;
  clockErrorMilliseconds: number | undefined;

  constructor(client: CorrectedClient) {
    this.#client = client;
  }

  /**
   * Corrects the region, the clock or the credentials after a rejection; returns whether to send the request again.
   *
   * @param startedAt When the first attempt began, on the clock of `performance.now`.
   */
  async correct(failure: ServiceFailure, request: S3Request, signing: Signing, startedAt: number): Promise<boolean> {
    const isCorrected = await this.#correct(failure, request, signing, startedAt);
    if (isCorrected) this.made++;
    return isCorrected;
  }

  async #correct(
    failure: ServiceFailure,
    request: S3Request,
    { region, date, credentials }: Signing,
    startedAt: number,
  ): Promise<boolean> {
    if (failure.foreign !== undefined) return false;
    const { bucket, operation, method, signal } = request;
    if (operation === HEAD_BUCKET && failure.region !== undefined) return false;
    const left = this.#left;
    if (left.regions > 0 && this.#adviseRegion(bucket, region, failure)) return left.regions-- > 0;
    if (left.clocks > 0 && this.#adviseClock(date, method, failure)) return left.clocks-- > 0;
    if (left.renewals > 0 && isExpired(failure, method, credentials)) {
      left.renewals--;
      if (await this.#renew(credentials, signal)) return true;
    }
    if (left.regions === 0 || left.questions === 0 || !mayHaveMoved(failure, request)) return false;
    left.questions--;
    left.regions--;
    return this.#moveTo(bucket, region, await this.#askForRegion(request, startedAt));
  }

  /** Remembers what led to a response, unless that is a rejection too. */
  remember(bucket: string, status: number): void {
    if (status >= 500 || REJECTIONS.has(status)) return;
    const { learned } = this.#client;
    if (this.clockErrorMilliseconds !== undefined) learned.clockErrorMilliseconds = this.clockErrorMilliseconds;
    if (this.region === undefined) return;
    if (learned.regions.size >= REMEMBERED_REGIONS) learned.regions.clear();
    learned.regions.set(bucket, this.region);
  }

  /** Asks the provider to renew rejected credentials; returns whether it has other ones. */
  async #renew(rejected: Credentials, signal: AbortSignal | undefined): Promise<boolean> {
    const client = this.#client;
    const { provider, settings } = client;
    const reported = async (): Promise<unknown> => await provider.refused?.(rejected);
    await credentialsInTime(settings.clientConfig.credentialsTimeout, unlessAborted(signal, reported), provider);
    const { accessKeyId, secretAccessKey, sessionToken } = await client.credentials(signal);
    return accessKeyId !== rejected.accessKeyId || secretAccessKey !== rejected.secretAccessKey ||
      sessionToken !== rejected.sessionToken;
  }

  /** Adopts the service's clock if the failure is about ours; returns whether it is. */
  #adviseClock(signed: Date, method: string, { response, s3Code }: ServiceFailure): boolean {
    const { settings, learned } = this.#client;
    // The response to HEAD has no document with a code.
    const isHead = method === "HEAD" && s3Code === undefined;
    if (response.status !== 403 || !(isHead || s3Code === "RequestTimeTooSkewed")) return false;
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const isOff = Math.abs(theirs - signed.getTime()) >= MIN_CLOCK_ERROR_MILLISECONDS &&
      Math.abs(theirs) < MAX_CLOCK_MILLISECONDS;
    if (isOff) this.clockErrorMilliseconds = theirs - settings.now().getTime();
    if (isOff || !isHead) learned.clockErrorMilliseconds = 0; // the previous correction was rejected
    return isOff;
  }

  /** Adopts the bucket's region if the failure names another one than was used; returns whether it does. */
  #adviseRegion(
    bucket: string,
    used: string,
    { response: { status }, region, s3Code }: ServiceFailure,
  ): boolean {
    const { learned } = this.#client;
    const isNamed = region !== undefined && region !== realRegion(used).region;
    // Some services report a signature for another region only as a wrong signature.
    const isElsewhere = isNamed || status < 400 || s3Code === "SignatureDoesNotMatch";
    if (!REJECTIONS.has(status) || !isElsewhere) return false;
    if (learned.regions.get(bucket) === used) learned.regions.delete(bucket);
    this.region = undefined;
    return this.#moveTo(bucket, used, region);
  }

  /** Adopts a region that the service named, if it is another one than was used; returns whether it is. */
  #moveTo(bucket: string, used: string, named: string | undefined): boolean {
    const real = realRegion(used);
    if (named === undefined || named === real.region || !mayMoveTo(named, real.region, this.#client.settings)) {
      return false;
    }
    if (bucket.startsWith("arn:")) return false; // the ARN contains the region
    this.region = real.fips ? `fips-${named}` : named;
    return true;
  }

  /**
   * Asks for the bucket's region, which S3 names also to those who may not list the bucket. Source: botocore. If the
   * service does not name one before the request's own time limit, the failure of the request is the one to report.
   */
  async #askForRegion(request: S3Request, startedAt: number): Promise<string | undefined> {
    const { bucket, signal, unsentSignal, isNested } = request;
    const stop = new AbortController();
    const unlink = abortWith(stop, signal);
    const end = endOfCall(startedAt, this.#client.settings, request);
    const timer = setTimeout(() => stop.abort(), timerDelay(end - performance.now()));
    try {
      const question = {
        operation: HEAD_BUCKET,
        method: "HEAD",
        bucket,
        signal: stop.signal,
        unsentSignal,
        isNested,
      } as const;
      return (await this.#client.send(question)).get(REGION_HEADER) ?? undefined;
    } catch (error) {
      signal?.throwIfAborted();
      return error instanceof StorageError ? error.response?.headers.get(REGION_HEADER) ?? undefined : undefined;
    } finally {
      clearTimeout(timer);
      unlink();
    }
  }
}

/** Whether a bucket may be in another region, which the response does not name, but HeadBucket does. Source: botocore. */
function mayHaveMoved({ response: { status }, region, s3Code }: ServiceFailure, request: S3Request): boolean {
  const { bucket, key, method, query } = request;
  if (region !== undefined || !REJECTIONS.has(status) || bucket.startsWith("arn:")) return false;
  // The request is HeadBucket, or CreateBucket, whose region is the caller's choice.
  if (key === undefined && (method === "HEAD" || (method === "PUT" && Object.keys(query ?? {}).length === 0))) {
    return false;
  }
  if (s3Code !== undefined && MOVED_CODES.test(s3Code)) return true;
  // The response to HEAD has no document with a code.
  return status < 400 || (method === "HEAD" && status === 400 && s3Code === undefined);
}

/**
 * Without a code, as for HEAD, the status has to suffice: AWS sends 400 for expired tokens, and 403 for unknown keys, which may
 * have been rotated in their file. It also sends 403 for a lack of permissions, so other keys must not cost a request then:
 * those of files are read again once a minute at most.
 */
function isExpired(
  { response: { status }, s3Code }: ServiceFailure,
  method: string,
  { sessionToken, expiration }: Credentials,
): boolean {
  if (s3Code !== undefined) return EXPIRED_CODES.test(s3Code);
  return sessionToken ? status === 400 : status === 403 && method === "HEAD" && expiration === undefined;
}
