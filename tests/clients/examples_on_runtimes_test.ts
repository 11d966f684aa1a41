/** Runs the examples for Bun, Node and workerd on their runtimes. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath, RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { disconnectDuring, until } from "./disconnected.ts";
import { patternBytes, serve } from "./served_server.ts";

/** Runs a test if its runtime is available; otherwise skips it with the reason. */
async function testOn(
  path: () => Promise<string>,
  name: string,
  run: (binary: string) => Promise<void>,
): Promise<void> {
  try {
    const binary = await path();
    Deno.test(name, () => run(binary));
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    Deno.test.ignore(`${name}: ${error.message}`, () => {});
  }
}

/** The output of a script, which must exit with 0. */
async function say(binary: string, args: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(binary, {
    args: [...args],
    env: { NO_COLOR: "1" },
    signal: lifetime(),
  }).output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, code === 0 ? "" : complained], [0, ""]);
  return said!.trim().split("\n");
}

await testOn(bunPath, "the example for Bun serves a file of the disk from a bucket", async (bun) => {
  const script = await bundle("examples/bun/file_server.ts", "tests/.build/bun_example.js");
  assertEquals(await say(bun, ["run", script]), [
    "200 text/plain;charset=utf-8 storage contents",
    "304 where nothing has changed",
  ]);
});

await testOn(nodePath, "the example for Node stores a form and sends a range", async (node) => {
  const script = await bundle("examples/node/upload_server.ts", "tests/.build/node_example.js");
  assertEquals(await say(node, [script]), ["hello_world.txt 206 contents"]);
});

await testOn(workerdPath, "the example of a Cloudflare Worker stores and serves in workerd", async (workerd) => {
  await using served = serve();
  const variables = {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_S3_ENDPOINT_URL: served.endpoint,
    AWS_ACCESS_KEY_ID: "testkey",
    AWS_SECRET_ACCESS_KEY: "testsecret",
    UPLOAD_TOKEN: "token",
  };
  const headers = { "x-test-env": JSON.stringify(variables) };
  const film = patternBytes(12_000_000);
  await withWorkerd(
    workerd,
    await bundle("tests/clients/worker_example.ts", "tests/.build/worker_example.js"),
    async (url) => {
      const send = async (authorization: string, name = "a film.mp4"): Promise<[status: number, answer: string]> => {
        const body = new FormData();
        body.append("file", new File([film], name));
        const response = await fetch(url, { method: "POST", body, headers: { ...headers, authorization } });
        return [response.status, await response.text()];
      };
      assertEquals((await send("Bearer guessed"))[0], 401);
      assertEquals(await send("Bearer token"), [201, '["a_film.mp4"]']);
      assertEquals((await send("Bearer token", "../a film.mp4"))[0], 400);
      assertEquals(served.server.openUploads("media"), []);
      const isOpen = (): boolean => served.server.openUploads("media").length > 0;
      await disconnectDuring(url, { ...headers, authorization: "Bearer token" }, isOpen);
      await until(() => !isOpen());
      assertEquals((await fetch(`${url}body.bin`, { headers })).status, 404);
      const part = await fetch(`${url}a_film.mp4`, { headers: { ...headers, range: "bytes=11000000-" } });
      assertEquals([part.status, part.headers.get("content-length")], [206, "1000000"]);
      assertEquals(await part.bytes(), film.slice(11_000_000));
      assertEquals(await (await fetch(`${url}a_film.mp4`, { headers })).bytes(), film);
    },
  );
});
