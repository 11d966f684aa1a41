import { ConfigurationError, ConnectionError, StorageError, UnauthenticatedError } from "../errors.ts";
import { fullJitter, sleep } from "../kit/async/backoff.ts";
import { holding, type WaitUntil } from "../kit/async/hold.ts";
import { innermost } from "../kit/async/innermost.ts";
import { settledWithin } from "../runtime/deadlines.ts";
import { SharedLoad } from "../runtime/shared_load.ts";
import type { ProviderContext } from "./context.ts";
import type { CredentialProvider, Credentials, RefreshableProvider } from "../aws/credentials.ts";
import { isSame, readCredentials } from "./sdk_shape.ts";

/** How credentials are cached. */
export interface RefreshingOptions {
  readonly context: Pick<ProviderContext, "now"> & {
    /** Keeps a Worker alive until a refresh in the background has ended. */
    readonly waitUntil?: WaitUntil | undefined;
  };
  /** How long before their expiration credentials are refreshed; at most half of their lifetime. @default 300 */
  readonly earlySeconds?: number;
  /** Whether credentials without an expiration are cached, instead of requested at each call. @default true */
  readonly keepLasting?: boolean;
  /** Returns a random number from 0 to 1. @default Math.random */
  readonly random?: () => number;
  /** The age from which a refresh is ignored, and the next call begins a new one: a function may hang. @default 60 */
  readonly timeoutSeconds?: number;
  /** How long a call waits for the refresh of another one, before it begins one itself. @default {that of SharedLoad} */
  readonly joinSeconds?: number | undefined;
  /** How long calls wait for a refresh while the old credentials are still valid. @default 5 */
  readonly patientSeconds?: number;
}

/** A refresh begins up to this fraction earlier, so that machines started together do not refresh together. */
const JITTER = 0.2;

/** In this last fraction of the early time, callers wait for the refresh. */
const WAITING_PART = 0.2;

/** Bounds of the pause after a failed refresh, in milliseconds. Each pause is twice as long as the one before. */
const FIRST_PAUSE_MILLISECONDS = 1000;
const MAX_PAUSE_MILLISECONDS = 60_000;

const TIMEOUT_SECONDS = 60;

/** How long calls wait for newer credentials while they have valid ones. */
const PATIENT_SECONDS = 5;

/** The most attempts where no valid credentials are left, and the bounds of the random waits between them. */
const MAX_ATTEMPTS = 3;
const INITIAL_MILLISECONDS = 100;
const MAX_MILLISECONDS = 2000;

/**
 * Caches the credentials of a provider until shortly before they expire. Calls return the same object until there are
 * new credentials, and concurrent calls cause one call of the provider. An early refresh runs in the background while
 * the old credentials are returned; if it fails or hangs, they are used until they expire. Where none are left, a failed
 * refresh is retried.
 */
export function refreshingCredentials(
  provider: CredentialProvider & Pick<RefreshableProvider, "source">,
  options: RefreshingOptions,
): RefreshableProvider & Required<Pick<RefreshableProvider, "refused" | "source">> {
  const cache = new CredentialCache(provider, options);
  return Object.assign(() => cache.current(), {
    refused: (credentials: Credentials): void => cache.refused(credentials),
    source: (): string => cache.source(),
  });
}

/** Cached credentials, with times in milliseconds since 1970. */
interface Cached {
  readonly credentials: Credentials;
  /** When a refresh begins in the background. */
  readonly refreshAt: number;
  /** When callers begin to wait for the refresh. */
  readonly waitAt: number;
  /** When the credentials are no longer used. */
  readonly endsAt: number;
}

class CredentialCache {
  readonly #provider: CredentialProvider & Pick<RefreshableProvider, "source">;
  readonly #options: Required<RefreshingOptions>;
  #cached: Cached | undefined;
  readonly #refreshes: SharedLoad<Credentials>;
  /** When the last refresh began. */
  #since = 0;
  #failures = 0;
  #pauseEndsAt = 0;
  /** Until then, refusals are ignored: the last refresh returned the same credentials. */
  #ignoreRefusalsUntil = 0;

  constructor(provider: CredentialProvider & Pick<RefreshableProvider, "source">, options: RefreshingOptions) {
    this.#provider = provider;
    this.#options = {
      earlySeconds: 300,
      keepLasting: true,
      random: Math.random,
      timeoutSeconds: TIMEOUT_SECONDS,
      joinSeconds: undefined,
      patientSeconds: PATIENT_SECONDS,
      ...options,
    };
    this.#refreshes = new SharedLoad(this.#options);
  }

  current(): Credentials | Promise<Credentials> {
    const now = this.#now();
    const cached = this.#cached;
    if (cached === undefined || now >= cached.endsAt) return this.#refreshed(now);
    if (now < cached.refreshAt || now < this.#pauseEndsAt) return cached.credentials;
    if (now < cached.waitAt) {
      // Its failure is reported to calls after the expiration.
      if (this.#isDue(now)) holding(this.#options.context.waitUntil, () => this.#begin(now)).catch(() => {});
      return cached.credentials;
    }
    const refreshed = this.#refreshed(now).catch((error) => {
      if (this.#now() >= (this.#cached?.endsAt ?? 0)) throw error;
      return cached.credentials;
    });
    const seconds = Math.min(this.#options.patientSeconds, (cached.endsAt - now) / 1000);
    return settledWithin(
      seconds,
      refreshed,
      () => this.#now() < (this.#cached?.endsAt ?? 0) ? cached.credentials : refreshed,
    );
  }

  refused(credentials: Credentials): void {
    if (this.#cached?.credentials !== credentials || this.#now() < this.#ignoreRefusalsUntil) return;
    this.#cached = { ...this.#cached, endsAt: 0 };
  }

  source(): string {
    return this.#provider.source?.() ?? "the option credentials";
  }

  #now(): number {
    return this.#options.context.now().getTime();
  }

  /** Joins the running refresh, or begins one. */
  #refreshed(now: number): Promise<Credentials> {
    return this.#isDue(now) ? this.#begin(now) : this.#shared(this.#refreshes.join()!);
  }

  /** Whether no refresh is under way, or one that probably hangs. */
  #isDue(now: number): boolean {
    return !this.#refreshes.isRunning || now - this.#since >= this.#options.timeoutSeconds * 1000;
  }

  async #shared(joined: Promise<Credentials | undefined>): Promise<Credentials> {
    const shared = await joined;
    // Several calls come here at the same time: the first one begins, and the others join it.
    if (shared === undefined) return await this.current();
    // A function may return other credentials to each caller: without an expiration they are not shared.
    return this.#options.keepLasting || shared.expiration !== undefined ? shared : await this.#request();
  }

  #begin(now: number): Promise<Credentials> {
    this.#since = now;
    return this.#refreshes.begin((isCurrent) => this.#run(isCurrent));
  }

  async #request(): Promise<Credentials> {
    return readCredentials(await this.#provider());
  }

  async #run(isCurrent: () => boolean): Promise<Credentials> {
    try {
      const credentials = await this.#requestRepeatedly(isCurrent);
      return isCurrent() ? this.#store(credentials) : credentials;
    } catch (error) {
      if (isCurrent()) this.#pause();
      throw error;
    }
  }

  /** Requests credentials, and retries what may be temporary if there are no valid ones left. */
  async #requestRepeatedly(isCurrent: () => boolean): Promise<Credentials> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#request();
      } catch (error) {
        const isNeeded = isCurrent() && this.#now() >= (this.#cached?.endsAt ?? 0);
        if (isNetworkFailure(error)) throw this.#connectionError(error);
        if (!isNeeded || attempt >= MAX_ATTEMPTS || !this.#mayRetry(error)) throw error;
        await sleep(fullJitter(attempt - 1, INITIAL_MILLISECONDS, MAX_MILLISECONDS, this.#options.random));
      }
    }
  }

  /**
   * Whether another attempt may succeed. A request retries the failures of services itself, for as long as it retries its
   * own. A function may throw anything, and a source that had credentials may lack them while its file is replaced.
   */
  #mayRetry(error: unknown): boolean {
    if (error instanceof ConfigurationError) return this.#cached !== undefined;
    return !(error instanceof StorageError);
  }

  #connectionError(cause: Error): ConnectionError {
    return new ConnectionError(
      `Cannot get credentials: the network failed for ${this.source()}: ${innermost(cause).message}`,
      { cause },
    );
  }

  #store(given: Credentials): Credentials {
    const { earlySeconds, keepLasting, random } = this.#options;
    const now = this.#now();
    const endsAt = given.expiration?.getTime() ?? (keepLasting ? Infinity : now);
    if (given.expiration !== undefined && endsAt <= now) {
      throw new UnauthenticatedError(
        `The credentials expired at ${given.expiration.toISOString()}: renew them, or check the clock of this machine`,
      );
    }
    const before = this.#cached?.credentials;
    const credentials = before !== undefined && isSame(before, given) ? before : given;
    const early = Math.min(earlySeconds * 1000, (endsAt - now) / 2);
    this.#cached = {
      credentials,
      refreshAt: endsAt - early * (1 + JITTER * random()),
      waitAt: endsAt - early * WAITING_PART,
      endsAt,
    };
    this.#failures = 0;
    this.#pauseEndsAt = 0;
    this.#ignoreRefusalsUntil = credentials === before ? now + MAX_PAUSE_MILLISECONDS : 0;
    return credentials;
  }

  #pause(): void {
    const pause = Math.min(MAX_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** this.#failures++);
    this.#pauseEndsAt = this.#now() + pause * (1 + this.#options.random()) / 2;
  }
}

/** Codes of network failures in the errors of Node, Bun and Deno. */
const NETWORK_CODES =
  /^(E(CONN|AI_AGAIN|NOTFOUND|PIPE|HOST|NET|TIMEDOUT)|UND_ERR_|Connection(Refused|Reset|Closed)|FailedToOpenSocket)/;

/** Whether a function failed because the runtime's `fetch` did. */
function isNetworkFailure(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof StorageError) return false;
  const codes = [error, innermost(error)].map((each) => `${(each as { code?: unknown }).code}`);
  return codes.some((code) => NETWORK_CODES.test(code)) ||
    (error instanceof TypeError && /fetch failed|failed to fetch|sending request|network/i.test(error.message));
}
