/** Serves a storage and opens its pages in a browser, to compare a collected site with the original. */
import { serve } from "../../src/serve/mod.ts";
import type { Storage } from "../../src/storage/mod.ts";
import type { Chromium } from "./chromium.ts";

/** What a browser made of a page. */
export interface Visit {
  readonly title: string;
  /** Messages of the console and uncaught errors, without hashes of names. */
  readonly messages: readonly string[];
  /** Requests that failed, as status and path without hashes. */
  readonly failed: readonly string[];
  /** Scripts that were loaded under two names. */
  readonly doubled: readonly string[];
  /** Paths that were requested with a hash. */
  readonly hashed: number;
}

/** The hash of a collected name. */
const HASH = /\.[0-9a-f]{12}(?=\.|$)/g;

/** Opens a page of a storage, and waits until an expression in it is true. */
export async function visit(chromium: Chromium, storage: Storage, path: string, ready: string): Promise<Visit> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/favicon.ico") return new Response(null, { status: 204 });
    return await serve(storage, request, { trusted: true });
  });
  try {
    const page = await chromium.open();
    const [messages, failed, scripts]: [string[], string[], string[]] = [[], [], []];
    const plain = (text: string): string => text.replaceAll(`:${server.addr.port}`, "").replace(HASH, "");
    let hashed = 0;
    page.on("Runtime.consoleAPICalled", ({ type, args }) => {
      messages.push(plain(`${type} ${args.map((one: { value?: unknown }) => String(one.value ?? "")).join(" ")}`));
    });
    page.on("Network.responseReceived", ({ type, response }) => {
      const { pathname } = new URL(response.url);
      if (response.status >= 400) failed.push(`${response.status} ${plain(pathname)}`);
      if (pathname.search(HASH) !== -1) hashed++;
      if (type === "Script") scripts.push(pathname);
    });
    await page.goTo(`http://127.0.0.1:${server.addr.port}/${path}`);
    await page.evaluate(`new Promise((done) => {
      const check = () => (${ready}) ? done() : setTimeout(check, 20);
      check();
    })`);
    const names = new Map<string, Set<string>>();
    for (const script of scripts) names.set(plain(script), (names.get(plain(script)) ?? new Set()).add(script));
    const doubled = [...names].filter(([, all]) => all.size > 1).map(([name]) => name);
    const title = await page.evaluate<string>("document.title");
    messages.push(...page.errors.map((error) => plain(error.split("\n")[0]!)));
    await page.goTo("about:blank");
    return { title, messages: messages.sort(), failed: failed.sort(), doubled, hashed };
  } finally {
    await server.shutdown();
  }
}
