/** Storages in pages and service workers of Chromium and Firefox, whose HTTP cache must answer none of their requests. */
import { assertEquals } from "@std/assert";
import { createS3Server } from "../../src/testing/mod.ts";
import { bundle } from "../runtimes/bundle.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import { FIREFOX_INSTALL_HINT, isFirefoxInstalled, openInFirefox } from "./firefox.ts";
import type { BrowserSettings, CaseOutcome } from "./browser_cases.ts";

/** The cases of the script. */
const CASE_COUNT = 9;

const OPTIONS = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
const KEYS = { accessKey: "testkey", secretKey: "testsecret" };

/** A site with the script, and an S3 server of another origin. */
class Site implements AsyncDisposable {
  readonly #s3: Deno.HttpServer<Deno.NetAddr>;
  readonly #closed: Deno.HttpServer<Deno.NetAddr>;
  readonly #site: Deno.HttpServer<Deno.NetAddr>;
  readonly #outcomes = { page: Promise.withResolvers<CaseOutcome[]>(), worker: Promise.withResolvers<CaseOutcome[]>() };

  constructor(script: string) {
    const s3 = createS3Server({ buckets: ["media"], cors: true });
    this.#s3 = Deno.serve(OPTIONS, s3.fetch);
    this.#closed = Deno.serve(OPTIONS, createS3Server({ buckets: ["media"] }).fetch);
    this.#site = Deno.serve(OPTIONS, async (request) => {
      const { pathname } = new URL(request.url);
      const reported = /^\/outcomes\/(page|worker)$/.exec(pathname)?.[1] as "page" | "worker" | undefined;
      if (reported !== undefined) this.#outcomes[reported].resolve(await request.json());
      if (pathname === "/script.js") return new Response(script, { headers: { "content-type": "text/javascript" } });
      if (pathname === "/settings") return Response.json(this.#settings);
      const page = "<!doctype html><title>Test</title><script src=script.js></script>";
      return new Response(page, { headers: { "content-type": "text/html" } });
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#site.addr.port}/`;
  }

  get #settings(): BrowserSettings {
    return {
      endpointUrl: `http://127.0.0.1:${this.#s3.addr.port}`,
      closedEndpointUrl: `http://127.0.0.1:${this.#closed.addr.port}`,
      bucketName: "media",
      ...KEYS,
    };
  }

  /** Checks the outcomes of both once they are there. */
  async check(context: Deno.TestContext): Promise<void> {
    for (const place of ["page", "worker"] as const) {
      const outcomes = await this.#outcomes[place].promise;
      assertEquals(outcomes.length, CASE_COUNT);
      for (const { name, expected, got } of outcomes) {
        await context.step(`${place}: ${name}`, () => assertEquals(got, expected));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#s3.shutdown(), this.#closed.shutdown(), this.#site.shutdown()]);
  }
}

async function startSite(): Promise<Site> {
  return new Site(
    await Deno.readTextFile(
      await bundle("tests/browser/browser_cases.ts", "tests/.build/browser_cases.js", "browser", "iife"),
    ),
  );
}

const hasChromium = await isChromiumInstalled();

Deno.test({
  name: `a storage works in pages and service workers of Chromium${hasChromium ? "" : ` (${CHROMIUM_INSTALL_HINT})`}`,
  ignore: !hasChromium,
  fn: async (context) => {
    await using site = await startSite();
    await using chromium = await Chromium.start();
    const page = await chromium.open();
    await page.goTo(site.url);
    await site.check(context);
    assertEquals(page.errors, []);
  },
});

const hasFirefox = await isFirefoxInstalled();

Deno.test({
  name: `a storage works in pages and service workers of Firefox${hasFirefox ? "" : ` (${FIREFOX_INSTALL_HINT})`}`,
  ignore: !hasFirefox,
  fn: async (context) => {
    await using site = await startSite();
    await using _firefox = openInFirefox(site.url);
    await site.check(context);
  },
});
