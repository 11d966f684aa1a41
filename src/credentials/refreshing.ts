import { UnauthenticatedError } from "../errors.ts";
import type { ProviderContext } from "./context.ts";
import type { CredentialProvider, Credentials, RefreshableProvider } from "../aws/credentials.ts";
import { isSame, readCredentials } from "./sdk_shape.ts";

/** How credentials are kept. */
export interface RefreshingOptions {
  readonly context: Pick<ProviderContext, "now">;
  /** How long before they expire new ones are asked for; for short-lived ones half their life. @default 300 */
  readonly earlySeconds?: number;
  /** Whether those without an expiration are kept, rather than asked for each time. @default true */
  readonly keepLasting?: boolean;
  /** From 0 to 1; tests know it. @default Math.random */
  readonly random?: () => number;
}

/** Refreshing begins by up to this part earlier, so that machines that began together do not ask together. */
const JITTER = 0.2;

/** In this last part of the early time, a refresh is waited for. */
const LAST_PART = 0.2;

/** Bounds of the pause after a refresh that failed, in milliseconds: each is twice as long as the one before. */
const FIRST_PAUSE_MILLISECONDS = 1000;
const LONGEST_PAUSE_MILLISECONDS = 60_000;

/**
 * Nobody waits for somebody else's refresh that takes longer, in milliseconds. An edge runtime drops what a request began
 * and did not end, and a function may hang.
 */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * Keeps credentials until shortly before they expire. The same object is handed out until there are new ones; however
 * many ask, the provider is asked once. In good time before the end the old ones are handed out while new ones are on
 * their way; where that fails, they are as long as they live.
 */
export function refreshingCredentials(
  provider: CredentialProvider,
  options: RefreshingOptions,
): RefreshableProvider & Required<Pick<RefreshableProvider, "refused">> {
  const keeper = new CredentialKeeper(provider, options);
  return Object.assign(() => keeper.current(), {
    refused: (credentials: Credentials): void => keeper.refused(credentials),
  });
}

/** Credentials, and what to do when, in milliseconds since 1970. */
interface Kept {
  readonly credentials: Credentials;
  readonly refreshAt: number;
  readonly waitAt: number;
  readonly endsAt: number;
}

interface Refresh {
  readonly since: number;
  result?: Promise<Credentials>;
}

class CredentialKeeper {
  readonly #provider: CredentialProvider;
  readonly #options: Required<RefreshingOptions>;
  #kept: Kept | undefined;
  #refresh: Refresh | undefined;
  #failures = 0;
  #pauseEndsAt = 0;
  /** There was nothing new: whoever has the same ones refused until then would not get others. */
  #deafUntil = 0;

  constructor(provider: CredentialProvider, options: RefreshingOptions) {
    this.#provider = provider;
    this.#options = { earlySeconds: 300, keepLasting: true, random: Math.random, ...options };
  }

  current(): Credentials | Promise<Credentials> {
    const now = this.#now();
    const kept = this.#kept;
    if (kept === undefined || now >= kept.endsAt) return this.#refreshed(now);
    if (now < kept.refreshAt || now < this.#pauseEndsAt) return kept.credentials;
    const refreshed = this.#refreshed(now).catch((error) => {
      if (this.#now() >= (this.#kept?.endsAt ?? 0)) throw error;
      return kept.credentials;
    });
    if (now >= kept.waitAt) return refreshed;
    refreshed.catch(() => {}); // who asks after they have ended is told
    return kept.credentials;
  }

  refused(credentials: Credentials): void {
    if (this.#kept?.credentials !== credentials || this.#now() < this.#deafUntil) return;
    this.#kept = { ...this.#kept, endsAt: 0 };
  }

  #now(): number {
    return this.#options.context.now().getTime();
  }

  /** The one refresh that is under way, or a new one. */
  #refreshed(now: number): Promise<Credentials> {
    let refresh = this.#refresh;
    if (refresh === undefined || now - refresh.since >= PATIENCE_MILLISECONDS) {
      this.#refresh = refresh = { since: now };
      return refresh.result = this.#run(refresh);
    }
    if (this.#options.keepLasting) return refresh.result!;
    // A function that gives each caller their own, and no expiration, is not to give one what is another's.
    return refresh.result!.then((shared) => shared.expiration === undefined ? this.#ask() : shared);
  }

  async #ask(): Promise<Credentials> {
    return readCredentials(await this.#provider());
  }

  async #run(refresh: Refresh): Promise<Credentials> {
    try {
      const credentials = await this.#ask();
      return this.#refresh === refresh ? this.#keep(credentials) : credentials;
    } catch (error) {
      if (this.#refresh === refresh) this.#pause();
      throw error;
    } finally {
      if (this.#refresh === refresh) this.#refresh = undefined;
    }
  }

  #keep(given: Credentials): Credentials {
    const { earlySeconds, keepLasting, random } = this.#options;
    const now = this.#now();
    const endsAt = given.expiration?.getTime() ?? (keepLasting ? Infinity : now);
    if (given.expiration !== undefined && endsAt <= now) {
      throw new UnauthenticatedError(
        `The credentials expired at ${given.expiration.toISOString()}, before they were handed out: ` +
          "renew them, or set this machine's clock",
      );
    }
    const before = this.#kept?.credentials;
    const credentials = before !== undefined && isSame(before, given) ? before : given;
    const early = Math.min(earlySeconds * 1000, (endsAt - now) / 2);
    this.#kept = {
      credentials,
      refreshAt: endsAt - early * (1 + JITTER * random()),
      waitAt: endsAt - early * LAST_PART,
      endsAt,
    };
    this.#failures = 0;
    this.#pauseEndsAt = 0;
    this.#deafUntil = credentials === before ? now + LONGEST_PAUSE_MILLISECONDS : 0;
    return credentials;
  }

  #pause(): void {
    const pause = Math.min(LONGEST_PAUSE_MILLISECONDS, FIRST_PAUSE_MILLISECONDS * 2 ** this.#failures++);
    this.#pauseEndsAt = this.#now() + pause * (1 + this.#options.random()) / 2;
  }
}
