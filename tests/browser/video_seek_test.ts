/** A video element in Chromium plays and seeks in a file that `serve` sends, by ranges. */
import { assert, assertEquals } from "@std/assert";
import { serve } from "../../src/serve/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { s3On } from "../unit/storage/storages.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";

const RATE = 16_000;
const SECONDS = 3600;

/** An hour of sound, as long as a film and larger than what a browser reads ahead. */
function sound(): Uint8Array {
  const bytes = new Uint8Array(44 + RATE * SECONDS);
  const view = new DataView(bytes.buffer);
  const text = (offset: number, word: string): void => void new TextEncoder().encodeInto(word, bytes.subarray(offset));
  text(0, "RIFF");
  view.setUint32(4, bytes.byteLength - 8, true);
  text(8, "WAVEfmt ");
  for (const [offset, value] of [[16, 16], [24, RATE], [28, RATE], [40, RATE * SECONDS]] as const) {
    view.setUint32(offset, value, true);
  }
  for (const [offset, value] of [[20, 1], [22, 1], [32, 1], [34, 8]] as const) view.setUint16(offset, value, true);
  text(36, "data");
  for (let i = 44; i < bytes.byteLength; i++) bytes[i] = 128 + 50 * Math.sign((i % 40) - 20); // 400 Hz
  return bytes;
}

const PAGE = `<!doctype html><video preload="metadata" src="/film" muted></video>`;

const test = await isChromiumInstalled()
  ? Deno.test
  : (name: string, _run: () => Promise<void>): void => Deno.test.ignore(`${name}: ${CHROMIUM_INSTALL_HINT}`, () => {});

test("a video element in Chromium seeks in a file that is served from S3", async () => {
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
  const film = sound();
  await storage.save("film.wav", film);
  asked.length = 0;
  const answers: [range: string | null, status: number][] = [];
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    if (new URL(request.url).pathname !== "/film") {
      return new Response(PAGE, { headers: { "content-type": "text/html" } });
    }
    const response = await serve(request, storage, "film.wav");
    answers.push([request.headers.get("range"), response.status]);
    return response;
  });
  try {
    await using chromium = await Chromium.start();
    const page = await chromium.open();
    await page.goTo(`http://127.0.0.1:${http.addr.port}/`);
    const event = (name: string, action: string): string =>
      `new Promise((resolve, reject) => {
        const video = document.querySelector("video");
        video.onerror = () => reject(new Error(video.error.message));
        video.addEventListener("${name}", () => resolve(video.currentTime), { once: true });
        ${action};
      })`;
    assertEquals(
      await page.evaluate(`(async () => {
        const video = document.querySelector("video");
        if (video.readyState < 1) await new Promise((resolve) => video.onloadedmetadata = resolve);
        return [video.duration, video.seekable.length && video.seekable.end(0)];
      })()`),
      [SECONDS, SECONDS],
    );
    for (const second of [3000, 600, 3599]) {
      assertEquals(await page.evaluate(event("seeked", `video.currentTime = ${second}`)), second);
    }
    await page.evaluate(event("seeked", "video.currentTime = 1800"));
    const played = await page.evaluate<number>(event("timeupdate", "video.play()"));
    assert(played >= 1800, `it plays from where it was put: ${played}`);
    assertEquals(page.errors, []);
    await page.close();
  } finally {
    await http.shutdown();
  }
  // What the browser has in its cache already it only asks about.
  assert(answers.every(([range, status]) => range !== null && [206, 304].includes(status)), JSON.stringify(answers));
  const starts = answers.map(([range]) => Number(/\d+/.exec(range!)![0]));
  assert(starts.some((start) => start > 2900 * RATE), `a range near the end was asked for: ${starts}`);
  const expected = answers.map(([range, status]) =>
    status === 304 ? "HEAD" : `GET ${range === "bytes=0-" ? "" : range}`
  );
  assertEquals(asked.toSorted(), expected.map((one) => one.trim()).toSorted(), "one request to S3 for each");
});
