/** Finds calls that send requests and leave redirects to the runtime. */
import { stripSource } from "./code_only.ts";

/** Calls that send or create a request. */
const CALLS = /(?<![\w$#])(?:new Request|(?:[\w$.#]+\.)?fetch|context\.send)\(/g;

/** Calls with a `Request` or init from elsewhere, with the place that sets `redirect: "manual"`. */
export const PASSED_ON: Readonly<Record<string, readonly string[]>> = {
  // The init is created in the same file.
  "src/client/exchange.ts": ["context.send(url, init, sent)"],
  // The init is that of exchange.ts.
  "src/client/s3_client.ts": [
    "this.#transport.fetch(url, init)",
    "sent.fetch(url, init)",
    "fetch(url, init)",
    "new Request(url, sendable)",
  ],
  // The init is that of exchange.ts.
  "src/client/flow/sent_body.ts": ["fetch(url, await withBytes(fetchInit(init)))", "transport.fetch(url, init)"],
  // The init is that of exchange.ts; node:http does not follow redirects.
  "src/runtime/transport/bulk_transport.ts": ["fetch(url, init)"],
  // The request is that of ask.ts.
  "src/credentials/shared_session.ts": ["fetch(request)"],
  // The request is created in the same file.
  "src/cloudfront/invalidation/create_invalidation.ts": ["fetch(request)"],
  // The request is that of checkup.ts.
  "src/cli/commands/check.ts": ["fetch(request)"],
  // The init is that of exchange.ts.
  "src/runtime/transport/create_transport.ts": ["fetch(url, init)"],
  // The init is that of exchange.ts; node:http does not follow redirects.
  "src/runtime/transport/configured_transport.ts": [
    "fetch(url, init)",
    "transport.fetch(url, init)",
    "fetch(url, options)",
  ],
};

/** The calls in a source without `redirect: "manual"`, except the listed ones. */
export function redirectLeaks(path: string, source: string): string[] {
  const { code } = stripSource(source);
  const leaks: string[] = [];
  for (const { index, 0: begin } of code.matchAll(CALLS)) {
    const line = code.slice(code.lastIndexOf("\n", index) + 1, index);
    const call = code.slice(index, endOfCall(code, index + begin.length)).replace(/\s+/g, " ");
    const isDeclared = /^\s*(?:(?:private|public|protected|override|static)\s+)*(?:async\s+)?$/.test(line) &&
      /^[^)]*\w\??:\s/.test(call.slice(begin.length)) && !begin.startsWith("new");
    if (isDeclared || /\bredirect:/.test(call)) continue;
    if (PASSED_ON[path]?.some((known) => squeezed(call) === squeezed(known))) continue;
    leaks.push(`${path}: ${call}`);
  }
  return leaks;
}

function squeezed(text: string): string {
  return text.replace(/\s+|,(?=\s*[)}])/g, "");
}

function endOfCall(code: string, from: number): number {
  let depth = 1;
  for (let index = from; index < code.length; index++) {
    if (code[index] === "(") depth++;
    if (code[index] === ")" && --depth === 0) return index + 1;
  }
  return code.length;
}
