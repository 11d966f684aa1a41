import type { ProviderContext } from "../../../src/credentials/context.ts";
import type { CredentialProvider, Credentials } from "../../../src/aws/credentials.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { withoutWaiting } from "../transport.ts";

/** A context for providers: variables and files that can change, the real network, and a clock that is set by hand. */
export interface World extends ProviderContext {
  readonly variables: Record<string, string>;
  readonly files: Record<string, string>;
  time: number;
}

export const NOW = Date.parse("2030-01-01T00:00:00Z");

/** @param reroute Changes the URLs of requests, for servers at addresses that this machine does not have. */
export function world(variables: Record<string, string> = {}, reroute?: (url: string) => string): World {
  const made: World = {
    variables: { ...variables },
    files: {},
    time: NOW,
    environment: (name) => made.variables[name] || undefined,
    readTextFile: (path) => Promise.resolve(made.files[path]),
    fetch: async (request) => {
      if (reroute === undefined) return await fetch(request);
      return await fetch(new Request(reroute(request.url), request));
    },
    now: () => new Date(made.time),
  };
  return made;
}

/** Returns the time some seconds after {@linkcode NOW}, in the format of AWS. */
export function inSeconds(seconds: number): string {
  return new Date(NOW + seconds * 1000).toISOString().replace(".000", "");
}

/** Returns all parts of credentials, also those that inspection hides. */
export function plain({ accessKeyId, secretAccessKey, sessionToken, expiration }: Credentials): unknown[] {
  return [accessKeyId, secretAccessKey, sessionToken, expiration?.toISOString().replace(".000", "")];
}

/** Returns the message of the error, which must show no secret of these tests. All of them contain hunter2. */
export async function refusalOf(
  provider: CredentialProvider,
  // deno-lint-ignore no-explicit-any
  Kind: new (...given: any[]) => Error = Error,
): Promise<string> {
  const error = await withoutWaiting(() => assertRejects(async () => await provider(), Kind));
  assertNoSecret(error);
  return error.message;
}

/** Asserts that no way to show a value shows a secret. */
export function assertNoSecret(value: unknown): void {
  const shown = [Deno.inspect(value, { depth: 10, showHidden: true }), String(value), JSON.stringify(value) ?? ""];
  if (value instanceof Error) shown.push(value.stack ?? "", Deno.inspect(value.cause, { depth: 10 }));
  assertEquals(shown.filter((text) => text.includes("hunter2")), []);
}
