/** The Worker of the examples, with its variables in a header. */
import worker from "../../examples/worker/worker.ts";

export default {
  fetch: (request: Request): Promise<Response> => {
    const { "x-test-env": variables, ...headers } = Object.fromEntries(request.headers);
    return worker.fetch(new Request(request, { headers }), JSON.parse(variables!));
  },
};
