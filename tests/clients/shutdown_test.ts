/** The services that docs/services.md prints for SIGTERM, each as a process that receives one during an upload. */
import { assert, assertEquals } from "@std/assert";
import { whyMissing } from "../runtimes/install.ts";
import {
  commandOf,
  PROGRAM_RUNTIMES,
  programOf,
  type ProgramRuntime,
  replaced,
  RunningProgram,
} from "./printed_programs.ts";
import { patternBytes, serve, type ServedServer } from "./served_server.ts";
import { testsOf } from "./tests_of.ts";

const PAGE = "docs/services.md";

/** More than a part, so that an upload in parts is open when the signal arrives. */
const CONTENT = patternBytes(20_000_000);

/** Bytes that are sent before the signal. */
const SENT_BEFORE = 12_000_000;

/** An upload whose client sends the second half when it is allowed to. */
interface SlowUpload {
  /** Resolves when the service has the first half and its upload in parts is open. */
  readonly begun: Promise<void>;
  readonly response: Promise<Response>;
  finish(): void;
}

function startUpload(runtime: ProgramRuntime, url: string, { server }: ServedServer): SlowUpload {
  const { promise: rest, resolve: finish } = Promise.withResolvers<void>();
  const encoder = new TextEncoder();
  const isForm = runtime !== "Node";
  const body = ReadableStream.from((async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const disposition = 'Content-Disposition: form-data; name="file"; filename="film.bin"';
    if (isForm) yield encoder.encode(`--x\r\n${disposition}\r\n\r\n`);
    yield CONTENT.slice(0, SENT_BEFORE);
    await rest;
    yield CONTENT.slice(SENT_BEFORE);
    if (isForm) yield encoder.encode("\r\n--x--\r\n");
  })());
  const response = isForm
    ? fetch(url, { method: "POST", body, headers: { "content-type": "multipart/form-data; boundary=x" } })
    : fetch(`${url}film.bin`, { method: "PUT", body });
  const early = response.then(({ status }): never => {
    throw new Error(`The service responded with ${status}`);
  });
  early.catch(() => {});
  return { begun: Promise.race([early, until(() => server.openUploads("media").length === 1)]), response, finish };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether the service refuses a new client. */
async function isRefused(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}other.bin`, { method: "PUT", body: "x", headers: { connection: "close" } });
    await response.body?.cancel();
    return response.status === 503;
  } catch {
    return true;
  }
}

function start(command: readonly string[], { endpoint }: ServedServer): RunningProgram {
  return new RunningProgram(command, {
    AWS_S3_ENDPOINT_URL: endpoint,
    AWS_S3_REGION_NAME: "us-east-1",
    AWS_ACCESS_KEY_ID: "testkey",
    AWS_SECRET_ACCESS_KEY: "testsecret",
  });
}

for (const runtime of PROGRAM_RUNTIMES) {
  const reason = await whyMissing(() => commandOf(runtime, ""));
  const test = testsOf(runtime, reason);

  test("SIGTERM lets an upload under way end, refuses others, and ends the service", async () => {
    await using s3 = serve();
    const code = await programOf(PAGE, `${runtime}: shutdown`);
    await using service = start(await commandOf(runtime, code), s3);
    const url = await service.url();
    const upload = startUpload(runtime, url, s3);
    await upload.begun;
    service.signal("SIGTERM");
    await until(() => isRefused(url));
    upload.finish();
    const response = await upload.response;
    assertEquals([response.status, (await response.text()).includes("film.bin")], [201, true], service.output);
    assertEquals((await service.ended).end, 0, service.output);
    const [stored] = s3.server.objects("media");
    assertEquals([stored?.key, stored?.bytes], ["film.bin", CONTENT]);
  });

  test("an upload that outlasts the time after SIGTERM gets 503, and leaves no file and no part", async () => {
    await using s3 = serve();
    const code = replaced(await programOf(PAGE, `${runtime}: shutdown`), "8_000", "100");
    await using service = start(await commandOf(runtime, code), s3);
    const upload = startUpload(runtime, await service.url(), s3);
    await upload.begun;
    service.signal("SIGTERM");
    const response = await upload.response.catch((error) => error);
    const { end, output } = await service.ended;
    upload.finish();
    assertEquals(end, 0, output);
    assert(response instanceof Response, String(response));
    assertEquals([response.status, await response.text()], [503, "Try again\n"]);
    assertEquals([s3.server.openUploads("media"), s3.server.objects("media")], [[], []]);
  });
}
