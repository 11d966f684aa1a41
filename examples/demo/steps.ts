import { isStorageError } from "@storages/s3";
import type { Place } from "./place.ts";
import { inBytes, inThousands, inTime, inUtc, type Report, shortened } from "./report.ts";
import { readSamplePart, SAMPLE_DESCRIPTION, SAMPLE_NAME, streamSample } from "./sample_file.ts";

/**
 * Checks that the bucket exists.
 *
 * @throws {Error} If it does not, with what to do about it.
 */
export async function checkBucket({ storage, endpointUrl }: Place): Promise<void> {
  try {
    await storage.listdir("");
  } catch (error) {
    if (!isStorageError(error, "NotFound")) throw error;
    throw new Error(
      `Bucket "${storage.bucketName}" does not exist on ${endpointUrl}: create it, ` +
        "or set AWS_STORAGE_BUCKET_NAME to one that exists",
      { cause: error },
    );
  }
}

/** Stores a stream of unknown length. */
export async function upload(report: Report, { storage, traffic }: Place, signal: AbortSignal): Promise<void> {
  report.step("Upload a file from a stream");
  report.row("File", SAMPLE_DESCRIPTION);
  const requestsBefore = traffic.requests;
  const start = performance.now();
  const name = await storage.save(SAMPLE_NAME, streamSample(), { metadata: { source: "demo" }, signal });
  const milliseconds = performance.now() - start;
  const requests = traffic.requests - requestsBefore;
  const { size, etag, contentType } = await storage.stat(name, { signal });
  const parts = /-(\d+)"?$/.exec(etag)?.[1]; // the ETag of a multipart upload ends in the number of parts
  report.row("Stored as", `${name}, ${contentType}`);
  report.row("Size", `${inBytes(size)}${parts === undefined ? "" : `, in ${parts} parts`}`);
  report.row("Took", `${inTime(milliseconds)}, ${inBytes(size / milliseconds * 1000)} a second`);
  report.row("Requests", String(requests));
}

/** Reads from the middle of the stored file. */
export async function readPart(report: Report, { storage, traffic }: Place): Promise<void> {
  const length = 64 * 1024;
  report.step("Read a part of the file");
  const receivedBefore = traffic.receivedBytes;
  const start = performance.now();
  await using file = await storage.open(SAMPLE_NAME, "rb");
  const position = Math.floor(file.size / 2) + 1;
  await file.seek(position);
  const bytes = await file.read(length);
  await file.close();
  const milliseconds = performance.now() - start;
  const received = traffic.receivedBytes - receivedBefore;
  report.row("Asked for", `${inBytes(length)} from byte ${inThousands(position)} on`);
  report.row("Fetched", `${inBytes(received)}, ${(received / file.size * 100).toFixed(1)} % of the file`);
  report.row("Took", inTime(milliseconds));
  const onDisk = await readSamplePart(position, length);
  report.check("Compared", "same bytes as on disk", await sha256(bytes) === await sha256(onDisk));
}

/** Lists the top level, then everything. */
export async function list(report: Report, { storage }: Place): Promise<void> {
  report.step("List files");
  await storage.save("notes/hello.txt", "storage contents");
  const [directories, files] = await storage.listdir("");
  report.row("Top level", `${directories.length} folders (${directories.join(", ")}), ${files.length} files`);
  for await (const { name, size, modifiedTime } of storage.list("", { recursive: true })) {
    report.row("", `${name.padEnd(20)} ${inBytes(size).padStart(10)}   ${inUtc(modifiedTime)}`);
  }
}

/** Makes a link that needs no keys, and follows it. */
export async function share(report: Report, { storage }: Place): Promise<void> {
  report.step("Share the file by a link that expires");
  const url = await storage.url(SAMPLE_NAME, {
    expiresIn: 300,
    parameters: { ResponseContentDisposition: 'attachment; filename="deno.bin"' },
  });
  report.row("URL", shortened(url));
  report.row("Valid for", "5 minutes, for a download of this file only");

  const start = performance.now();
  const response = await fetch(url);
  const bytes = new Uint8Array(await response.arrayBuffer());
  report.row("Plain fetch", `${response.status}, ${inBytes(bytes.length)} in ${inTime(performance.now() - start)}`);
  const hash = await sha256(bytes);
  const hashOnDisk = await sha256(new Uint8Array(await new Response(streamSample()).arrayBuffer()));
  report.check("SHA-256", `${hash.slice(0, 16)}…, as on disk`, response.ok && hash === hashOnDisk);

  const refusal = await fetch(url.replace("X-Amz-Expires=300", "X-Amz-Expires=604800"));
  const code = /<Code>([^<]*)<\/Code>/.exec(await refusal.text())?.[1];
  report.check("Tampered with", `${refusal.status} ${code}, with a later expiry`, refusal.status === 403);
}

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 80" width="480" height="320">
  <rect width="120" height="80" fill="#9fd3ff"/>
  <circle cx="92" cy="20" r="10" fill="#ffd54a"/>
  <path d="M0 80 L40 30 L62 56 L80 40 L120 80 Z" fill="#3c6e47"/>
</svg>
`;

/** Uploads a file by the form of the page, and follows the link that the page then shows. */
export async function takeUploads(report: Report, pageUrl: string): Promise<void> {
  report.step("Take uploads on a web page");
  report.row("Address", pageUrl);
  const form = new FormData();
  form.append("file", new File([PICTURE], "Hills & sun, été.svg", { type: "image/svg+xml" }));
  const page = await fetch(pageUrl, { method: "POST", body: form, headers: { origin: new URL(pageUrl).origin } });
  const html = await page.text();
  if (!page.ok) throw new Error(`The upload page responded with ${page.status}: ${html}`);
  report.row("Posted", `"Hills & sun, été.svg", ${inBytes(new Blob([PICTURE]).size)}, as a form`);

  const [, href, name] = /<a href="([^"]*)">(uploads\/.*?)<\/a>/.exec(html) ?? [];
  if (href === undefined || name === undefined) throw new Error("The upload page does not show the uploaded file");
  report.row("Shown as", name.replaceAll("<wbr>", ""));
  const picture = await fetch(href.replaceAll("&#38;", "&"));
  const same = await picture.text() === PICTURE;
  report.check("Its link gives", `${picture.status}, ${picture.headers.get("content-type")}, the same picture`, same);
}

/** Removes every file that the demo has stored. */
export async function cleanUp(report: Report, { storage }: Place): Promise<void> {
  report.step("Clean up");
  const names = (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
  await storage.deleteMany(names);
  report.row("Removed", `${names.length} file${names.length === 1 ? "" : "s"}`);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
