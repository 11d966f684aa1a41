/** Serves the contenders in workerd. */
import { makeAnswer } from "./answer.ts";

let answer: ReturnType<typeof makeAnswer> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    answer ??= makeAnswer([]);
    return new Response(await (await answer)(await request.text()));
  },
};
