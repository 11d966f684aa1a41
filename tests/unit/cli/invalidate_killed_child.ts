/** Runs a command line with a local server as CloudFront, in a process that invalidate_killed_test.ts kills. */
import { run } from "../../../src/cli/mod.ts";

const [origin, ...argv] = Deno.args as [string, ...string[]];

function send(request: Request): Promise<Response> {
  const { host, pathname } = new URL(request.url);
  return fetch(host === "cloudfront.amazonaws.com" ? new Request(origin + pathname, request) : request);
}

Deno.exit(await run(argv, { fetch: send }));
