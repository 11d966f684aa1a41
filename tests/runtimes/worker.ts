/**
 * Runs the conformance suite in workerd. The body of a request is the environment of one run, and the answer has the lines
 * that a process prints.
 */
import { runConformance } from "../conformance/suite.ts";
import { CASE_MARKER, RESULTS_MARKER } from "./results_marker.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    const environment = await request.json();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const print = (line: string): Promise<void> => writer.write(new TextEncoder().encode(`${line}\n`));
    const run = async (): Promise<void> => {
      try {
        const results = await runConformance(environment, (name) => void print(CASE_MARKER + name));
        await print(RESULTS_MARKER + JSON.stringify(results));
      } catch (error) {
        await print(error instanceof Error ? error.stack ?? error.message : String(error));
      }
      await writer.close();
    };
    run();
    return new Response(readable);
  },
};
