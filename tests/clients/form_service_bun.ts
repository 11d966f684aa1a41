// deno-lint-ignore-file no-console -- prints the port for the test
/** Starts the form service on Bun. */
import { answerForm } from "./form_service.ts";

interface BunLike {
  serve(options: object): { readonly port: number };
}

const { Bun } = globalThis as unknown as { Bun: BunLike };
const { port } = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answerForm });
console.error(`Listening on http://127.0.0.1:${port}/`);
