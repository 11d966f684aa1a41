import { UnauthenticatedError } from "../errors.ts";
import type { ProviderContext } from "./context.ts";
import type { CredentialProvider, Credentials, RefreshableProvider } from "../aws/credentials.ts";
import { isSame, readCredentials } from "./sdk_shape.ts";

/** How credentials are cached. */
export interface RefreshingOptions {
  readonly context: Pick<ProviderContext, "now">;
  /** How long before their expiration credentials are refreshed; at most half of their lifetime. @default 300 */
  readonly earlySeconds?: number;
  /** Whether credentials without an expiration are cached, instead of requested at each call. @default true */
  readonly keepLasting?: boolean;
  /** Returns a random number from 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** A refresh begins up to this fraction earlier, so that machines started together do not refresh together. */
const JITTER = 0.2;

/** In this last fraction of the early time, callers wait for the refresh. */
const WAITING_PART = 0.2;

/** Bounds of the pause after a failed refresh, in milliseconds. Each pause is twice as long as the one before. */
const FIRST_PAUSE_MILLISECONDS = 1000;
const MAX_PAUSE_MILLISECONDS = 60_000;

/**
 * After this time a refresh of another caller is ignored and a new one begins, in milliseconds. An edge runtime drops
 * work that a request began and did not finish, and a function may hang.
 */
const REFRESH_TIMEOUT_MILLISECONDS = 60_000;

/**
 * Caches the credentials of a provider until shortly before they expire. Calls return the same object until there are
 * new credentials, and concurrent calls cause one call of the provider. An early refresh runs in the background while
 * the old credentials are returned; if it fails, they are used until they expire.
 */
export function refreshingCredentials(
  provider: CredentialProvider,
  options: RefreshingOptions,
): RefreshableProvider & Required<Pick<RefreshableProvider, "refused">> {
  const cache = new CredentialCache(provider, options);
  return Object.assign(() => cache.current(), {
    refused: (credentials: Credentials): void => cache.refused(credentials),
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

interface Refresh {
  readonly since: number;
  result?: Promise<Credentials>;
}

class CredentialCache {
  readonly #provider: CredentialProvider;
  readonly #options: Required<RefreshingOptions>;
  #cached: Cached | undefined;
  #refresh: Refresh | undefined;
  #failures = 0;
  #pauseEndsAt = 0;
  /** Until then, refusals are ignored: the last refresh returned the same credentials. */
  #ignoreRefusalsUntil = 0;

  constructor(provider: CredentialProvider, options: RefreshingOptions) {
    this.#provider = provider;
    this.#options = { earlySeconds: 300, keepLasting: true, random: Math.random, ...options };
  }

  current(): Credentials | Promise<Credentials> {
    const now = this.#now();
    const cached = this.#cached;
    if (cached === undefined || now >= cached.endsAt) return this.#refreshed(now);
    if (now < cached.refreshAt || now < this.#pauseEndsAt) return cached.credentials;
    const refreshed = this.#refreshed(now).catch((error) => {
      if (this.#now() >= (this.#cached?.endsAt ?? 0)) throw error;
      return cached.credentials;
    });
    if (now >= cached.waitAt) return refreshed;
    refreshed.catch(() => {}); // reported to calls after the expiration
    return cached.credentials;
  }

  refused(credentials: Credentials): void {
    if (this.#cached?.credentials !== credentials || this.#now() < this.#ignoreRefusalsUntil) return;
    this.#cached = { ...this.#cached, endsAt: 0 };
  }

  #now(): number {
    return this.#options.context.now().getTime();
  }

  /** Joins the running refresh, or begins one. */
  #refreshed(now: number): Promise<Credentials> {
    let refresh = this.#refresh;
    if (refresh === undefined || now - refresh.since >= REFRESH_TIMEOUT_MILLISECONDS) {
      this.#refresh = refresh = { since: now };
      return refresh.result = this.#run(refresh);
    }
    if (this.#options.keepLasting) return refresh.result!;
    // A function may return other credentials to each caller: without an expiration they are not shared.
    return refresh.result!.then((shared) => shared.expiration === undefined ? this.#request() : shared);
  }

  async #request(): Promise<Credentials> {
    return readCredentials(await this.#provider());
  }

  async #run(refresh: Refresh): Promise<Credentials> {
    try {
      const credentials = await this.#request();
      return this.#refresh === refresh ? this.#store(credentials) : credentials;
    } catch (error) {
      if (this.#refresh === refresh) this.#pause();
      throw error;
    } finally {
      if (this.#refresh === refresh) this.#refresh = undefined;
    }
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
