/** Corrections of region, clock and credentials. Loaded on demand: most requests are right at once. */
import type { Credentials, RefreshableProvider } from "../../aws/credentials.ts";
import { mayMoveTo } from "../../aws/hosts.ts";
import { realRegion } from "../../aws/region.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import type { Settings } from "../../settings/resolve.ts";
import type { Connections } from "../connections.ts";
import type { S3Request } from "../request.ts";
import type { ServiceFailure } from "../service_failure.ts";

/** Redirects per request; more of them form a loop. */
const MAX_REDIRECTS = 2;

/** Codes of expired credentials. */
const EXPIRED_CODES = /^(ExpiredToken(Exception)?|TokenRefreshRequired|RequestExpired)$/;

/** The least error of a clock, in milliseconds, that is taken for the cause of a rejection; S3 tolerates 15 minutes. */
const MIN_CLOCK_ERROR_MILLISECONDS = 300_000;

/** About 317 years: times farther from 1970 are not believed. Signatures have no room for years after 9999. */
const MAX_CLOCK_MILLISECONDS = 1e13;

/** The number of buckets whose region is remembered. */
const REMEMBERED_REGIONS = 1000;

/** Statuses of requests for a bucket in another region (400 without a document for HEAD), or with a wrong date. */
const REJECTIONS: ReadonlySet<number> = new Set([301, 307, 400, 403]);

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
  /** Returns the credentials to sign with now. */
  readonly credentials: (signal: AbortSignal | undefined) => Promise<Credentials>;
}

/** The corrections of one request: used for its next attempt, remembered once that succeeds. */
export class Corrections {
  readonly #client: CorrectedClient;
  readonly #left = { regions: MAX_REDIRECTS, clocks: 1, renewals: 1 };
  /** Attempts that followed a correction. */
  made = 0;
  region: string | undefined;
  clockErrorMilliseconds: number | undefined;

  constructor(client: CorrectedClient) {
    this.#client = client;
  }

  /** Corrects the region, the clock or the credentials after a rejection; returns whether to send the request again. */
  async correct(failure: ServiceFailure, request: S3Request, signing: Signing): Promise<boolean> {
    const isCorrected = await this.#correct(failure, request, signing);
    if (isCorrected) this.made++;
    return isCorrected;
  }

  async #correct(
    failure: ServiceFailure,
    { bucket, method, signal }: S3Request,
    { region, date, credentials }: Signing,
  ): Promise<boolean> {
    if (failure.foreign !== undefined) return false;
    const left = this.#left;
    if (left.regions > 0 && this.#adviseRegion(bucket, region, failure)) return left.regions-- > 0;
    if (left.clocks > 0 && this.#adviseClock(date, method, failure)) return left.clocks-- > 0;
    if (left.renewals === 0 || !isExpired(failure, credentials)) return false;
    left.renewals--;
    return await this.#renew(credentials, signal);
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
    const { provider, credentials } = this.#client;
    await unlessAborted(signal, async () => void await provider.refused?.(rejected));
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials(signal);
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
    const { settings, learned } = this.#client;
    const real = realRegion(used);
    const isNamed = region !== undefined && region !== real.region;
    // Some services report a signature for another region only as a wrong signature.
    const isElsewhere = isNamed || status < 400 || s3Code === "SignatureDoesNotMatch";
    if (!REJECTIONS.has(status) || !isElsewhere) return false;
    if (learned.regions.get(bucket) === used) learned.regions.delete(bucket);
    this.region = undefined;
    if (!isNamed || !mayMoveTo(region, real.region, settings)) return false;
    if (bucket.startsWith("arn:")) return false; // the ARN contains the region
    this.region = real.fips ? `fips-${region}` : region;
    return true;
  }
}

/** Without a code, as for HEAD, the status 400 that AWS sends for expired tokens has to suffice. */
function isExpired({ response, s3Code }: ServiceFailure, { sessionToken }: Credentials): boolean {
  return s3Code === undefined ? response.status === 400 && Boolean(sessionToken) : EXPIRED_CODES.test(s3Code);
}
