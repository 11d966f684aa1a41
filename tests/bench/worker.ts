/** Makes URLs in workerd, for whoever asks. */
import { makeAnswer } from "./answer.ts";

let answer: ReturnType<typeof makeAnswer> | undefined;

export default {
  async fetch(request: Request): Promise<Response> {
    answer ??= makeAnswer([]);
    return new Response(await (await answer)(await request.text()));
  },
};
