/** Providers for tests that return what a script says, on a clock that stands still. */
import type { CredentialProvider, Credentials, RefreshableProvider } from "../../../src/aws/credentials.ts";
import { refreshingCredentials, type RefreshingOptions } from "../../../src/credentials/refreshing.ts";
import { NOW } from "./world.ts";

/** The next result of the wrapped provider; a promise is awaited. */
type Next = unknown | Error | Promise<unknown>;

export interface Refreshing {
  readonly provider: RefreshableProvider;
  /** The next results; the last one repeats. */
  readonly script: Next[];
  calls: number;
  /** Seconds after {@linkcode NOW}. */
  seconds: number;
}

export function credentials(id: string, seconds?: number): Credentials {
  const keys = { accessKeyId: id, secretAccessKey: `hunter2-${id}` };
  return seconds === undefined ? keys : { ...keys, expiration: new Date(NOW + seconds * 1000) };
}

export function refreshing(options: Partial<RefreshingOptions>, ...script: Next[]): Refreshing {
  const inner = async (): Promise<unknown> => {
    made.calls++;
    const next = await (script.length > 1 ? script.shift() : script[0]);
    if (next instanceof Error) throw next;
    return next;
  };
  const context = { now: (): Date => new Date(NOW + made.seconds * 1000) };
  const made: Refreshing = {
    provider: refreshingCredentials(inner as CredentialProvider, { context, random: () => 0, ...options }),
    script,
    calls: 0,
    seconds: 0,
  };
  return made;
}

export const idOf = async (provider: CredentialProvider): Promise<string> => (await provider()).accessKeyId;
export const NEVER = new Promise<never>(() => {});
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
