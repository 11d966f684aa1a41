/** Runs the conformance suite in workerd: one request, whose body is the suite's environment, is one run. */
import { runConformance } from "../conformance/suite.ts";

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await runConformance(await request.json()));
    } catch (error) {
      return new Response(error instanceof Error ? error.stack ?? error.message : String(error), { status: 500 });
    }
  },
};
