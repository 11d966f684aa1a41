/** A storage of the `env` that workerd itself makes, with bindings of every kind. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { CREDENTIALS, serve } from "./served_server.ts";

/** Variables by name, and bindings that are objects, in the language of workerd's configuration. */
function bindings(endpoint: string): string {
  const texts = {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_S3_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    API_TOKEN: "of another service",
  };
  const json = {
    AWS_QUERYSTRING_EXPIRE: 600,
    AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=60" },
    ORIGINS: ["a"],
  };
  return [
    ...Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`),
    ...Object.entries(json).map(([name, value]) =>
      `(name = "${name}", json = ${JSON.stringify(JSON.stringify(value))})`
    ),
    ...["kvNamespace", "r2Bucket", "service"].map((kind) => `(name = "MY_${kind}", ${kind} = "internet")`),
    `(name = "AWS_S3_BUCKET", r2Bucket = "internet")`,
    `(name = "MY_DATA", data = 0x"0102")`,
  ].join(", ");
}

const unavailable = await workerdPath().then(() => "", (error) => {
  if (error instanceof RuntimeUnavailableError) return `: ${error.message}`;
  throw error;
});

Deno.test({
  name: `fromEnv() takes the env of a real Worker with variables, JSON and bindings${unavailable}`,
  ignore: unavailable !== "",
  fn: async () => {
    await using s3 = serve();
    const script = await bundle("tests/clients/worker_env.ts", "tests/.build/worker_env.js");
    await withWorkerd(
      await workerdPath(),
      script,
      async (url) => {
        const response = await fetch(url);
        const text = await response.text();
        assertEquals(response.status, 200, text);
        const [content, expire, parameters, maxConcurrency, names] = JSON.parse(text);
        assertEquals([content, expire, parameters], ["storage contents", 600, { CacheControl: "max-age=60" }]);
        assertEquals(maxConcurrency, 2); // all requests of a Worker have 128 MiB together
        assertEquals([names.length, names.includes("MY_r2Bucket")], [13, true]);
      },
      { bindings: bindings(s3.endpoint) },
    );
  },
});
