// deno-lint-ignore-file no-console -- prints the port for the test
/** Starts the proxied service on Bun. */
import { answerProxied } from "./proxied_service.ts";

interface BunLike {
  serve(options: object): { readonly port: number };
}

const { Bun } = globalThis as unknown as { Bun: BunLike };
const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, maxRequestBodySize: 1024 ** 3, fetch: answerProxied });
console.error(`Listening on http://127.0.0.1:${port}/`);
