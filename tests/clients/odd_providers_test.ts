/** Answers of providers and half-right servers are understood on Deno, Bun and Node alike. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { CASES } from "./odd_providers.ts";

const PROBE = "tests/clients/odd_providers_probe.ts";
const bundled = (): Promise<string> => bundle(PROBE, "tests/.build/odd_providers_probe.js");

type Result = [name: string, result: unknown];

const RUNTIMES: Readonly<Record<string, { path(): Promise<string>; run(origin: string): Promise<Result[]> }>> = {
  deno: { path: () => Promise.resolve(Deno.execPath()), run: (origin) => runOnDeno(PROBE, origin) },
  bun: { path: bunPath, run: async (origin) => await runOnBun(await bundled(), origin) },
  node: { path: nodePath, run: async (origin) => await runOnNode(await bundled(), origin) },
};

/** Serves every case, each with a state of its own. The bucket in the path is the name of the case. */
function startServer(): { readonly origin: string; stop(): Promise<void> } {
  const answers = Object.fromEntries(Object.entries(CASES).map(([name, { server }]) => [name, server?.()]));
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    await request.arrayBuffer();
    const { pathname } = new URL(request.url);
    const meant = new URL(request.headers.get("x-meant-url") ?? request.url);
    const answer = answers[pathname.split("/").find((part) => part !== "")!];
    return answer?.({ method: request.method, url: meant, headers: request.headers }) ??
      new Response(null, { status: 500 });
  });
  return { origin: `http://127.0.0.1:${server.addr.port}`, stop: () => server.shutdown() };
}

for (const [name, { path, run }] of Object.entries(RUNTIMES)) {
  let skipped: string | undefined;
  try {
    await path();
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    skipped = error.message;
  }
  Deno.test({
    name: `${name}: answers of odd providers are understood${skipped ? ` (skipped: ${skipped})` : ""}`,
    ignore: skipped !== undefined,
    fn: async () => {
      const server = startServer();
      try {
        const results = Object.fromEntries(await run(server.origin));
        for (const [name, { expected }] of Object.entries(CASES)) assertEquals(results[name], expected, name);
      } finally {
        await server.stop();
      }
    },
  });
}
