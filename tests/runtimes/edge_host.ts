/**
 * Runs a bundle in Vercel's edge runtime, which is a package for Node: passes it the last argument as a request, and prints
 * the response. The first two arguments are the folder with the package and the path of the bundle.
 */
interface EdgeRuntime {
  dispatchFetch(url: string, init: RequestInit): Promise<Response>;
}

interface Process {
  readonly argv: readonly string[];
  readonly stdout: { write(bytes: Uint8Array): void };
  exit(code: number): never;
  // deno-lint-ignore no-explicit-any -- the module that is asked for
  getBuiltinModule(name: string): any;
}

const { process } = globalThis as unknown as { process: Process };
const [folder, bundle, text] = process.argv.slice(-3) as [string, string, string];
const require = process.getBuiltinModule("node:module").createRequire(`${folder}/`);
const { EdgeRuntime } = require("edge-runtime") as { EdgeRuntime: new (options: object) => EdgeRuntime };
const suite: string = process.getBuiltinModule("node:fs").readFileSync(bundle, "utf8");
// In its context (node:vm) each use of a global calls an interceptor: a loop with Math.imul is 30 times as slow.
const LOCALS = "Math, Object, Number, String, Array, Uint8Array, DataView";
const initialCode = `((${LOCALS}) => {\n${suite}\n})(${LOCALS});`;
// Its TextEncoder and its Blobs are Node's, and so are their arrays. It has a class of its own, which only `instanceof`
// treats as the same: assertEquals does not.
const extend = (context: object): object => Object.assign(context, { Uint8Array });
const runtime = new EdgeRuntime({ initialCode, extend });
const response = await runtime.dispatchFetch("http://edge.test/", { method: "POST", body: text });
for await (const bytes of response.body!) process.stdout.write(bytes);
process.exit(response.ok ? 0 : 1);
