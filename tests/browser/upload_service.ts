/** The example's upload page, on an S3 server of the test. */
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { lifetime } from "../runtimes/ending.ts";
import { patternBytes } from "../clients/served_server.ts";
import type { Chromium } from "./chromium.ts";
import type { Page } from "./page.ts";

/** The bucket that the example uploads into. */
export const BUCKET = "uploads";

/** Each way that the page has to upload. */
export const WAYS = ["form", "put", "parts"] as const;
export type Way = typeof WAYS[number];

/** No test of uploads takes longer than this, unless something hangs. */
const LIMIT_MILLISECONDS = 120_000;

/** A file, of bytes that show when one is missing or in another's place. */
export interface SampleFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Makes a file of that size in a folder of the test. */
export async function sampleFile(folder: string, name: string, size: number): Promise<SampleFile> {
  const file = { path: `${folder}/${name}`, bytes: patternBytes(size) };
  await Deno.writeFile(file.path, file.bytes);
  return file;
}

/** Runs the example as a person would who has a bucket: by the variables of the environment. */
export async function startUploadService(
  s3: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string },
): Promise<AsyncDisposable & { readonly url: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: await withImportMap(["run", "-A", "examples/browser_upload.ts", "--serve"]),
    cwd: ROOT,
    env: {
      PORT: "0",
      AWS_STORAGE_BUCKET_NAME: BUCKET,
      AWS_S3_ENDPOINT_URL: s3.endpoint,
      AWS_S3_ACCESS_KEY_ID: s3.accessKey,
      AWS_S3_SECRET_ACCESS_KEY: s3.secretKey,
      NO_COLOR: "1",
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: lifetime(LIMIT_MILLISECONDS),
  }).spawn();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  const reading = (async (): Promise<void> => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      const url = /Listening on (http:\S+)/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    }
    reject(new Error(`The example does not start: ${said}`));
  })();
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.status;
    await reading;
  };
  return { url: await promise, [Symbol.asyncDispose]: stop };
}

/** The upload page in a browser, as a person sees it. */
export class UploadPage implements AsyncDisposable {
  private constructor(readonly page: Page) {}

  static async open(chromium: Chromium, url: string): Promise<UploadPage> {
    const page = await chromium.open();
    await page.goTo(url);
    return new UploadPage(page);
  }

  /** Chooses a file and presses the button; notes from then on what the progress bar shows. */
  async upload(way: Way, file: SampleFile): Promise<void> {
    await this.page.choose("#file", file.path);
    await this.page.evaluate(`{
      const section = document.querySelector("[data-way=${way}]");
      const bar = section.querySelector("progress");
      window.shown = [];
      window.observer?.disconnect();
      window.observer = new MutationObserver(() => shown.push(bar.value));
      observer.observe(bar, { attributes: true });
      section.querySelector("button").click();
    }`);
  }

  /** Waits until the page tells how the upload ended. */
  async ending(way: Way): Promise<string> {
    const output = `document.querySelector("[data-way=${way}] output").textContent`;
    await this.page.until(`/^(Stored|Not stored|Cancelled)/.test(${output})`);
    return await this.page.evaluate(output);
  }

  /** Waits until some of the file has gone, but not all of it. */
  async halfWay(way: Way): Promise<void> {
    const bar = `document.querySelector("[data-way=${way}] progress").value`;
    await this.page.until(`${bar} > 0.1 && ${bar} < 0.9`);
  }

  /** What the progress bar has shown. */
  async shown(): Promise<number[]> {
    return await this.page.evaluate("shown");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
