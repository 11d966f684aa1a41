/** A video element in Chromium seeks in a film that `serve` sends from S3 in ranges, and shows the right frames. */
import { assert, assertEquals } from "@std/assert";
import { serve } from "../../src/serve/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { s3On } from "../unit/storage/storages.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import type { Page } from "./page.ts";
import { webm } from "./webm.ts";

const SECONDS = 60;
const [WIDTH, HEIGHT] = [160, 120];
const MIB = 1024 ** 2;

const PAGE = `<!doctype html><video preload="metadata" muted></video>`;

/** A film with another colour in each second, encoded by the browser. */
async function encodeFrames(page: Page): Promise<Uint8Array[]> {
  const frames = await page.evaluate<string[]>(`(async () => {
    const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
    const context = canvas.getContext("2d");
    const frames = [];
    const failed = Promise.withResolvers();
    const encoder = new VideoEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        frames.push(btoa(String.fromCharCode(...bytes)));
      },
      error: failed.reject,
    });
    encoder.configure({ codec: "vp8", width: ${WIDTH}, height: ${HEIGHT}, bitrate: 500_000, framerate: 1 });
    for (let second = 0; second < ${SECONDS}; second++) {
      context.fillStyle = "rgb(" + second * 4 + " 128 128)";
      context.fillRect(0, 0, ${WIDTH}, ${HEIGHT});
      const frame = new VideoFrame(canvas, { timestamp: second * 1e6 });
      encoder.encode(frame, { keyFrame: true });
      frame.close();
    }
    await Promise.race([encoder.flush(), failed.promise]);
    return frames;
  })()`);
  return frames.map((frame) => Uint8Array.from(atob(frame), (one) => one.charCodeAt(0)));
}

/** Seeks to a time and returns the red value of the frame. */
async function rednessAt(page: Page, seconds: number): Promise<number> {
  return await page.evaluate(`new Promise((resolve, reject) => {
    const video = document.querySelector("video");
    video.onerror = () => reject(new Error(video.error.message));
    video.addEventListener("seeked", () => {
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context.drawImage(video, 0, 0, 1, 1);
      resolve(context.getImageData(0, 0, 1, 1).data[0]);
    }, { once: true });
    video.currentTime = ${seconds};
  })`);
}

const test = await isChromiumInstalled()
  ? Deno.test
  : (name: string, _run: () => Promise<void>): void => Deno.test.ignore(`${name}: ${CHROMIUM_INSTALL_HINT}`, () => {});

test("a video element in Chromium seeks in a film that is served from S3", async () => {
  const asked: string[] = [];
  const s3 = createS3Server({ buckets: ["media"] });
  const storage = s3On(
    {
      fetch: (request: Request) => {
        asked.push(`${request.method} ${request.headers.get("range") ?? ""}`.trim());
        return s3.fetch(request);
      },
    } as typeof s3,
  );
  const answers: [range: string | null, status: number][] = [];
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname !== "/film.webm") return new Response(PAGE, { headers: { "content-type": "text/html" } });
    const response = await serve(storage, request, { name: "film.webm" });
    answers.push([request.headers.get("range"), response.status]);
    return response;
  });
  let frameOffsets: number[] = [];
  try {
    await using chromium = await Chromium.start();
    const page = await chromium.open();
    await page.goTo(`http://127.0.0.1:${http.addr.port}/`);
    const film = webm(await encodeFrames(page), WIDTH, HEIGHT, MIB);
    frameOffsets = film.frameOffsets;
    await storage.save("film.webm", film.bytes.slice());
    asked.length = 0;
    const duration = await page.evaluate(`new Promise((resolve, reject) => {
      const video = document.querySelector("video");
      video.onerror = () => reject(new Error(video.error.message));
      video.onloadedmetadata = () => resolve(video.duration);
      video.src = "/film.webm";
    })`);
    assertEquals(duration, SECONDS);
    for (const second of [50, 10, 58, 30]) {
      const redness = await rednessAt(page, second + 0.5);
      assert(Math.abs(redness - second * 4) <= 8, `second ${second} has a red of ${second * 4}: ${redness}`);
    }
    assertEquals(page.errors, []);
    await page.close();
  } finally {
    await http.shutdown();
  }
  // The browser only revalidates ranges in its cache.
  assert(answers.every(([range, status]) => range !== null && [206, 304].includes(status)), JSON.stringify(answers));
  const starts = answers.map(([range]) => Number(/\d+/.exec(range!)![0]));
  assert(starts.some((start) => start > frameOffsets[45]!), `a range near the end was asked for: ${starts}`);
  const expected = answers.map(([range, status]) =>
    status === 304 ? "HEAD" : `GET ${range === "bytes=0-" ? "" : range}`
  );
  assertEquals(asked.toSorted(), expected.map((one) => one.trim()).toSorted(), "one request to S3 for each range");
});
