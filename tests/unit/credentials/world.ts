import type { ProviderContext } from "../../../src/credentials/context.ts";
import type { CredentialProvider, Credentials } from "../../../src/aws/credentials.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { withoutWaiting } from "../transport.ts";

/** A world for providers: variables and files that can change, the real network, a clock that stands until it is set. */
export interface World extends ProviderContext {
  readonly variables: Record<string, string>;
  readonly files: Record<string, string>;
  time: number;
}

export const NOW = Date.parse("2030-01-01T00:00:00Z");

/** @param reroute Changes where requests go, for servers at addresses that this machine does not have. */
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

/** A time some seconds after {@linkcode NOW}, as AWS writes it. */
export function inSeconds(seconds: number): string {
  return new Date(NOW + seconds * 1000).toISOString().replace(".000", "");
}

/** Everything of credentials, also what inspecting hides. */
export function plain({ accessKeyId, secretAccessKey, sessionToken, expiration }: Credentials): unknown[] {
  return [accessKeyId, secretAccessKey, sessionToken, expiration?.toISOString().replace(".000", "")];
}

/** The error's message; what it is made of shows no secret of these tests, all of which hold the word hunter2. */
export async function refusalOf(
  provider: CredentialProvider,
  // deno-lint-ignore no-explicit-any
  Kind: new (...given: any[]) => Error = Error,
): Promise<string> {
  const error = await withoutWaiting(() => assertRejects(async () => await provider(), Kind));
  assertNoSecret(error);
  return error.message;
}

/** Nothing that shows a value shows a secret. */
export function assertNoSecret(value: unknown): void {
  const shown = [Deno.inspect(value, { depth: 10, showHidden: true }), String(value), JSON.stringify(value) ?? ""];
  if (value instanceof Error) shown.push(value.stack ?? "", Deno.inspect(value.cause, { depth: 10 }));
  assertEquals(shown.filter((text) => text.includes("hunter2")), []);
}
