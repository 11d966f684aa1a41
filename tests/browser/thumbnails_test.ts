/** Stable URLs: Chromium reloads a page of thumbnails from its cache, without requests to S3. */
import { assertEquals } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import type { Page } from "./page.ts";
import { plainPng } from "./png.ts";

const THUMBNAILS = 1000;
const SIZE = 8;
const WINDOW_SECONDS = 3600;
const installed = await isChromiumInstalled();

/** Where Chromium loaded a response from. */
interface Loaded {
  network: number;
  memory: number;
  disk: number;
}

/** Counts where a page loads its images from. */
async function load(page: Page, url: string, images: number): Promise<Loaded> {
  const from = new Map<string, keyof Loaded>();
  page.on("Network.requestWillBeSent", ({ requestId, type }) => type === "Image" && from.set(requestId, "network"));
  page.on("Network.requestServedFromCache", ({ requestId }) => from.has(requestId) && from.set(requestId, "memory"));
  page.on("Network.responseReceived", ({ requestId, response }) => {
    if (from.get(requestId) === "network" && response.fromDiskCache) from.set(requestId, "disk");
  });
  await page.goTo(url);
  const shown = await page.evaluate(`[...document.images].filter((image) => image.naturalWidth === ${SIZE}).length`);
  assertEquals(shown, images, "the page shows all images");
  const loaded = { network: 0, memory: 0, disk: 0 };
  for (const source of from.values()) loaded[source]++;
  return loaded;
}

Deno.test("isChromiumInstalled() is false without Chromium", async () => {
  assertEquals(await isChromiumInstalled("there-is-no-such-browser"), false);
});

Deno.test({
  name: `Chromium loads ${THUMBNAILS} thumbnails once with stable URLs, and each time with others${
    installed ? "" : ` (${CHROMIUM_INSTALL_HINT})`
  }`,
  ignore: !installed,
  fn: async (context) => {
    // A fixed time at the start of a window, near the real time, which Chromium uses for freshness.
    const clock = { now: Math.floor(Date.now() / 1000 / WINDOW_SECONDS) * WINDOW_SECONDS * 1000 };
    const now = (): Date => new Date(clock.now);
    const s3 = createS3Server({ buckets: ["media"], now });
    let requests = 0;
    await using s3Http = serve((request) => {
      if (request.method === "GET") requests++;
      return s3.fetch(request);
    });
    const keys = { accessKey: "testkey", secretKey: "testsecret" };
    const storage = new S3Storage({ bucketName: "media", endpointUrl: s3Http.url, ...keys, now });
    const names = Array.from({ length: THUMBNAILS }, (_, index) => `thumbnails/${index}.png`);
    for (let index = 0; index < THUMBNAILS; index += 50) {
      await Promise.all(
        names.slice(index, index + 50).map((name, offset) => {
          return storage.save(name, plainPng(SIZE, (index + offset) * 16_001), {
            cacheControl: "private, max-age=86400",
          });
        }),
      );
    }
    await using pages = serve((request) => {
      const { searchParams } = new URL(request.url);
      const window = Number(searchParams.get("window"));
      const images = names.slice(0, Number(searchParams.get("images"))).map((name) =>
        `<img src="${storage.urlSync(name, { window })}" alt="">`.replaceAll("&", "&amp;")
      );
      return new Response(`<!doctype html><title>Thumbnails</title>${images.join("")}`, {
        headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
      });
    });
    await using chromium = await Chromium.start();
    const page = await chromium.open();
    const visit = async (window: number, images = THUMBNAILS): Promise<Loaded> => {
      requests = 0;
      const loaded = await load(page, `${pages.url}/?window=${window}&images=${images}`, images);
      assertEquals(requests, loaded.network, "Chromium and the server count the same requests");
      await page.goTo("about:blank");
      return loaded;
    };
    await context.step("the first visit requests all thumbnails", async () => {
      assertEquals(await visit(WINDOW_SECONDS), { network: THUMBNAILS, memory: 0, disk: 0 });
    });
    await context.step("a visit within the same window requests none", async () => {
      clock.now += (WINDOW_SECONDS - 1) * 1000;
      const { network, memory, disk } = await visit(WINDOW_SECONDS);
      assertEquals([network, memory + disk], [0, THUMBNAILS]);
    });
    await context.step("a visit in the next window requests all of them", async () => {
      clock.now += 1000;
      assertEquals((await visit(WINDOW_SECONDS)).network, THUMBNAILS);
    });
    await context.step("without a window, they are requested in every second", async () => {
      for (let visits = 0; visits < 2; visits++) {
        clock.now += 1000;
        assertEquals((await visit(0, 100)).network, 100);
      }
    });
    assertEquals(page.errors, []);
  },
});

function serve(
  handler: (request: Request) => Response | Promise<Response>,
): AsyncDisposable & { readonly url: string } {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
