/** The servers printed in the documentation and the examples, each started on a free port as a reader would start it. */
import { assert } from "@std/assert";
import { serveUploadPage } from "../../examples/demo/upload_page.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { Attended } from "../browser/attended.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";
import { replaced, writeModule } from "./printed_programs.ts";

/** A server that listens on loopback until it is disposed of. */
export interface RunningServer extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: string;
}

/** A printed server. */
export interface PrintedServer {
  readonly name: string;
  /** Where a form is sent, and the folder its files are served from; left out where nothing is uploaded. */
  readonly upload?: { readonly path: string; readonly below: string; readonly accept: "all" | "images" };
  /** @throws {RuntimeUnavailableError} If its runtime is not available on this machine. */
  start(): Promise<RunningServer>;
}

/** Where the server of the documentation stores its files. */
export interface PageStorage {
  readonly name: string;
  /** The expression that makes it. */
  readonly code: string;
}

/** The page that prints a server for forms and files. */
const FORMS_PAGE = "docs/forms_and_serving.md";

/**
 * The server that {@linkcode FORMS_PAGE} prints.
 *
 * @param change Changes the printed code, where a test needs a variant.
 */
export function formsPageServer(
  storage: PageStorage,
  change: (code: string) => string = (code) => code,
): PrintedServer {
  return {
    name: `the server of ${FORMS_PAGE} on ${storage.name}`,
    upload: { path: "", below: "", accept: "images" },
    start: async () => {
      const parts = (await Deno.readTextFile(new URL(FORMS_PAGE, ROOT))).split(/^```.*$/m); // every second is code
      const printed = parts.filter((part, index) => index % 2 === 1 && part.includes("Deno.serve("));
      assert(printed.length === 1, `${FORMS_PAGE} prints one server`);
      const code = replaced(change(printed[0]!), "Deno.serve(", "export default (");
      const imports = 'import { LocalStorage, MemoryStorage } from "@storages/s3/storage";\n';
      const module = await writeModule(
        `${imports}void LocalStorage;\nconst storage = ${storage.code};\n${code}`,
      );
      const { default: handler } = await import(new URL(module, ROOT).href);
      const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: failed }, handler);
      return { url: `http://127.0.0.1:${http.addr.port}/`, [Symbol.asyncDispose]: () => http.shutdown() };
    },
  };
}

/** Deno's own answer, without output on the console. */
function failed(): Response {
  return new Response("Internal Server Error", { status: 500 });
}

/** The examples that a test can start by a command. */
export const EXAMPLE_SERVERS: readonly PrintedServer[] = [
  {
    name: "examples/deno_upload_service.ts",
    upload: { path: "", below: "", accept: "images" },
    start: async () => await attend(await denoRun("examples/deno_upload_service.ts", "--serve")),
  },
  {
    name: "examples/browser_upload.ts",
    start: async () => await attend(await denoRun("examples/browser_upload.ts", "--serve")),
  },
  {
    name: "examples/demo.ts",
    start: () => Promise.resolve(serveUploadPage(new MemoryStorage({ baseUrl: "/files/" }))),
  },
  {
    name: "examples/hono_app.ts",
    upload: { path: "albums/a", below: "albums/a/", accept: "all" },
    start: async () => await attend(await served("hono_app.ts", "app.fetch")),
  },
  {
    name: "examples/cloudfront_login.ts",
    start: async () => await attend(await served("cloudfront_login.ts", "handle")),
  },
  {
    name: "examples/node/upload_server.ts",
    upload: { path: "", below: "", accept: "all" },
    start: async () => {
      const node = await nodePath();
      const script = await bundle("examples/node/upload_server.ts", "tests/.build/node_server.js");
      return await attend(["bash", "-c", 'exec "$0" "$1" --serve >&2', node, script]);
    },
  },
  {
    name: "examples/bun/file_server.ts",
    start: async () => {
      const bun = await bunPath();
      const printed = await Deno.readTextFile(new URL("examples/bun/file_server.ts", ROOT));
      const staying = replaced(printed, "await server.stop(true);", "console.error(`Listening on ${server.url}`);");
      return await attend([bun, "run", await bundle(await writeModule(staying), "tests/.build/bun_server.js")]);
    },
  },
];

/** An example that starts no server, with the server that its comment describes. */
async function served(example: string, handler: string): Promise<string[]> {
  const printed = await Deno.readTextFile(new URL(`examples/${example}`, ROOT));
  assert(printed.includes("// On Deno: Deno.serve("), `${example} describes its server`);
  return await denoRun(
    await writeModule(`${printed}\nDeno.serve({ hostname: "127.0.0.1", port: 0 }, ${handler});\n`),
  );
}

/** The command that runs a script of the repository. */
async function denoRun(path: string, ...args: readonly string[]): Promise<string[]> {
  return [Deno.execPath(), ...await withImportMap(["run", "-A", new URL(path, ROOT).href, ...args])];
}

async function attend(command: readonly string[]): Promise<RunningServer> {
  const process = new Attended(command, /Listening on (http:\S+)\s/, { PORT: "0", NO_COLOR: "1" });
  const stop = (): Promise<void> => process[Symbol.asyncDispose]();
  try {
    return { url: (await process.address).replace(/\/?$/, "/"), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
