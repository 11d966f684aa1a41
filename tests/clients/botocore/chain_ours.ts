// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/** Prints the access key of a storage in each environment: reads cases as JSON, writes one line of JSON for each. */
import { S3Storage } from "../../../mod.ts";
import { RESULTS_MARKER } from "../../runtimes/results_marker.ts";
import type { ChainCase, ChainInput, ChainResult } from "./chain_case.ts";

/** The key that the first request is signed with. */
async function keyOf({ environment, folder, profile }: ChainCase): Promise<string> {
  for (const name of Object.keys(Deno.env.toObject())) Deno.env.delete(name);
  for (const [name, value] of Object.entries(environment)) Deno.env.set(name, value);
  Deno.chdir(folder);
  let key: string | undefined;
  const storage = new S3Storage({
    bucketName: "media",
    sessionProfile: profile,
    // As botocore does: by default a request waits a minute for a service that does not answer.
    clientConfig: { maxAttempts: 3 },
    fetch: (request) => {
      key = /Credential=([^/]+)\//.exec(request.headers.get("authorization") ?? "")?.[1];
      return Promise.resolve(new Response(null, { status: 404 }));
    },
  });
  await storage.exists("a.txt");
  return key!;
}

if (import.meta.main) {
  const { container, cases }: ChainInput = JSON.parse(await Deno.readTextFile(Deno.args.at(-1)!));
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : `${input}`;
    const { hostname, host, pathname } = new URL(url);
    if (hostname === "127.0.0.1") return await send(input, init);
    if (host !== "169.254.170.2") {
      throw new Error(`Cannot fetch ${url}: only the container address 169.254.170.2 is allowed`);
    }
    return await send(`http://${container}${pathname}`, input as Request);
  };
  const results: ChainResult[] = [];
  for (const each of cases) {
    results.push(
      await keyOf(each).then((key) => ({ key }), (error) => ({ refused: `${error.name}: ${error.message}` })),
    );
    console.log(results.length);
  }
  console.log(RESULTS_MARKER + JSON.stringify(results));
}
