// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Shows what the package does, on a real file and over real HTTP: `deno task demo`.
 *
 * With AWS_S3_ENDPOINT_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set it uses that server, in the bucket
 * AWS_STORAGE_BUCKET_NAME ("storages-demo" by default). It works in a new folder and deletes it at the end.
 *
 * @module
 */
import { type Place, placeFromEnvironment } from "./demo/place.ts";
import { Report } from "./demo/report.ts";
import { checkBucket, cleanUp, list, readPart, share, takeUploads, upload } from "./demo/steps.ts";
import { serveUploadPage } from "./demo/upload_page.ts";

const USAGE = `Usage: deno task demo [--keep]

  --keep   leave the servers running at the end, until Ctrl-C
  --help   show this

Without AWS_S3_ENDPOINT_URL the demo runs on an S3 server in memory. With it and with AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY it runs on that server, in the bucket AWS_STORAGE_BUCKET_NAME (default: storages-demo).`;

class Interrupted extends Error {}

/** A signal that is aborted by Ctrl-C or SIGTERM. The second one ends the process immediately. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) {
    Deno.addSignalListener(signal, () => {
      if (controller.signal.aborted) Deno.exit(130);
      controller.abort(new Interrupted("Interrupted"));
    });
  }
  return controller.signal;
}

async function main(keep: boolean): Promise<void> {
  const report = new Report();
  const signal = interruption();
  await using place = placeFromEnvironment();
  report.title("@storages/s3: files in a bucket, from first upload to last link");
  report.row("Server", place.server);
  report.row("Bucket", `${place.storage.bucketName}, in the folder ${place.storage.location}`);
  await checkBucket(place);

  await using page = serveUploadPage(place.storage);
  try {
    await upload(report, place, signal);
    for (const step of [readPart, list, share]) {
      signal.throwIfAborted();
      await step(report, place);
    }
    await takeUploads(report, page.url);
    if (keep) await waitForEnd(report, place, page.url, signal);
  } catch (error) {
    await cleanUp(report, place).catch(() => {}); // report the first error
    throw error;
  }
  await cleanUp(report, place);
  if (!keep) report.closing(`The demo took ${report.elapsed}. Add --keep to leave the servers running.`);
}

async function waitForEnd(report: Report, place: Place, pageUrl: string, signal: AbortSignal): Promise<void> {
  report.step("Running until Ctrl-C");
  report.row("Upload page", pageUrl);
  report.row("S3 server", place.endpointUrl);
  if (place.keys !== undefined) report.row("Keys", place.keys);
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}

const unknown = Deno.args.find((argument) => argument !== "--keep" && argument !== "--help");
if (unknown !== undefined) {
  console.error(`error: Unknown option ${unknown}: use --keep or --help`);
  Deno.exit(1);
} else if (Deno.args.includes("--help")) {
  console.log(USAGE);
} else {
  try {
    await main(Deno.args.includes("--keep"));
    Deno.exit(0);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(`error: ${message.replace(/\s*\n\s*/g, " ")}`);
    Deno.exit(error instanceof Interrupted ? 130 : 1);
  }
}
