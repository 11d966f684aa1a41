/** The table of requests and responses of serve, with curl over HTTP on each runtime with a `fetch` handler. */
import { assertEquals } from "@std/assert";
import { Attended } from "../browser/attended.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { type Got, judge } from "../unit/serve/serve_stage.ts";
import { FILES, SERVE_CASES, type ServeCase } from "../unit/serve/serve_cases.ts";
import { answerFile } from "./file_service.ts";

async function curl(args: readonly string[]): Promise<Got> {
  const body = await Deno.makeTempFile();
  try {
    const { success, stdout, stderr } = await new Deno.Command("curl", {
      args: [
        "--silent",
        "--show-error",
        "--max-time",
        "300",
        "--path-as-is",
        "--dump-header",
        "-",
        "-o",
        body,
        ...args,
      ],
    }).output();
    const text = new TextDecoder().decode(stdout);
    assertEquals([success, success ? "" : new TextDecoder().decode(stderr)], [true, ""], args.join(" "));
    const [start, ...lines] = text.trimEnd().split("\r\n");
    const headers = new Map(lines.map((line) => [line.split(":")[0]!.toLowerCase(), line.replace(/^[^:]*: */, "")]));
    return {
      status: Number(start!.split(" ")[1]),
      header: (name) => headers.get(name) ?? null,
      body: args.includes("--head") ? new Uint8Array(0) : await Deno.readFile(body), // curl writes the headers to the body file
    };
  } finally {
    await Deno.remove(body);
  }
}

async function fillIn(url: string, { file = "digits.txt" }: ServeCase): Promise<(text: string) => string> {
  if (!(file in FILES)) return (text) => text;
  const { etag, modifiedTime } = await (await fetch(`${url}${file}?stat`)).json();
  const at = (seconds: number): string => new Date(Date.parse(modifiedTime) + seconds * 1000).toUTCString();
  return (text) =>
    text.replace("{etag}", etag).replace("{modified}", at(0)).replace("{before}", at(-60)).replace("{after}", at(60));
}

/** Runs the table against a service; its URL ends in a slash. */
async function askAll(url: string): Promise<void> {
  for (const one of SERVE_CASES) {
    const { file = "digits.txt", method = "GET" } = one;
    const fill = await fillIn(url, one);
    const headers = Object.entries(one.headers ?? {}).flatMap(([name, value]) => ["-H", `${name}: ${fill(value)}`]);
    const how = method === "HEAD" ? ["--head"] : ["-X", method];
    const got = await curl([...how, ...headers, url + encodeURIComponent(file)]);
    await judge(one, got, fill);
  }
}

const hasCurl = await new Deno.Command("curl", { args: ["--version"], stdout: "null" }).output().then(
  ({ success }) => success,
  () => false,
);
const test = hasCurl
  ? Deno.test
  : (name: string, _run: () => Promise<void>): void => Deno.test.ignore(`${name}: curl is not installed`, () => {});

test("curl receives the responses of the table from Deno.serve", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerFile);
  await askAll(`http://127.0.0.1:${server.addr.port}/`);
  await server.shutdown();
});

/** Runs a test if its runtime is available; otherwise skips it with the reason. */
async function having(path: () => Promise<string>): Promise<string | undefined> {
  return await path().catch((error) => {
    if (error instanceof RuntimeUnavailableError) return undefined;
    throw error;
  });
}

const [bun, node, workerd] = [await having(bunPath), await having(nodePath), await having(workerdPath)];

(bun ? test : Deno.test.ignore)("curl gets what the table says from Bun", async () => {
  const script = await bundle("tests/clients/file_service_bun.ts", "tests/.build/file_service_bun.js");
  await using service = new Attended([bun!, "run", script], /Listening on (http:\S+)/);
  await askAll(await service.address);
});

(node ? test : Deno.test.ignore)("curl gets what the table says from Node", async () => {
  const script = await bundle("tests/clients/file_service_node.ts", "tests/.build/file_service_node.js");
  await using service = new Attended([node!, script], /Listening on (http:\S+)/);
  await askAll(await service.address);
});

(workerd ? test : Deno.test.ignore)("curl gets what the table says from workerd", async () => {
  const worker = await bundle("tests/clients/file_service.ts", "tests/.build/file_service.js");
  await withWorkerd(workerd!, worker, (url) => askAll(url));
});
