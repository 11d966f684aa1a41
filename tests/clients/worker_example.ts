/** The Worker of the examples, with its variables in a header. */
import worker, { type Context } from "../../examples/worker/worker.ts";

export default {
  fetch: (request: Request, _: unknown, ctx: Context): Promise<Response> => {
    const { "x-test-env": variables, ...headers } = Object.fromEntries(request.headers);
    return worker.fetch(new Request(request, { headers }), JSON.parse(variables!), ctx);
  },
};
