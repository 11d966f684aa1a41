/** The upload page of the example with an S3 server of the test. */
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { patternBytes } from "../clients/served_server.ts";
import { Attended } from "./attended.ts";
import type { Chromium } from "./chromium.ts";
import type { Page } from "./page.ts";

/** The bucket for uploads of the example. */
export const BUCKET = "uploads";

/** The ways of uploading on the page. */
export const WAYS = ["form", "put", "parts"] as const;
export type Way = typeof WAYS[number];

/** A file whose bytes reveal missing and misplaced parts. */
export interface SampleFile {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Creates a file of a size in the folder of the test. */
export async function sampleFile(folder: string, name: string, size: number): Promise<SampleFile> {
  const file = { path: `${folder}/${name}`, bytes: patternBytes(size) };
  await Deno.writeFile(file.path, file.bytes);
  return file;
}

/** Runs the example with a bucket from environment variables. */
export async function startUploadService(
  s3: { readonly endpoint: string; readonly accessKey: string; readonly secretKey: string },
): Promise<AsyncDisposable & { readonly url: string }> {
  const args = await withImportMap(["run", "-A", new URL("examples/browser_upload.ts", ROOT).href, "--serve"]);
  const process = new Attended([Deno.execPath(), ...args], /Listening on (http:\S+)\s/, {
    PORT: "0",
    AWS_STORAGE_BUCKET_NAME: BUCKET,
    AWS_S3_ENDPOINT_URL: s3.endpoint,
    AWS_S3_ACCESS_KEY_ID: s3.accessKey,
    AWS_S3_SECRET_ACCESS_KEY: s3.secretKey,
    NO_COLOR: "1",
  });
  const stop = (): Promise<void> => process[Symbol.asyncDispose]();
  try {
    return { url: await process.address, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The upload page in a browser. */
export class UploadPage implements AsyncDisposable {
  private constructor(readonly page: Page) {}

  static async open(chromium: Chromium, url: string): Promise<UploadPage> {
    const page = await chromium.open();
    await page.goTo(url);
    return new UploadPage(page);
  }

  /** Chooses a file, presses the button and records the progress bar. */
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

  /** Waits until the page shows the result of the upload. */
  async ending(way: Way): Promise<string> {
    const output = `document.querySelector("[data-way=${way}] output").textContent`;
    await this.page.until(`/^(Stored|Not stored|Cancelled)/.test(${output})`);
    return await this.page.evaluate(output);
  }

  /** Waits until a part of the file has been sent. */
  async halfWay(way: Way): Promise<void> {
    const bar = `document.querySelector("[data-way=${way}] progress").value`;
    await this.page.until(`${bar} > 0.05 && ${bar} < 0.9`);
  }

  /** The recorded values of the progress bar. */
  async shown(): Promise<number[]> {
    return await this.page.evaluate("shown");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
