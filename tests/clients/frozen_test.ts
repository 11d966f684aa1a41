/**
 * Processes that are frozen between calls and during one, as serverless platforms do it, while the server closes the kept
 * connections.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, whyMissing } from "../runtimes/install.ts";
import { delayingProxy } from "../servers/delaying_proxy.ts";
import { type ConnectionFilter, TcpProxy, type Verdict } from "../servers/tcp_proxy.ts";
import type { FrozenCall } from "./frozen_probe.ts";
import { commandOf, programOf, RunningProgram } from "./printed_programs.ts";
import { serve, type ServedServer } from "./served_server.ts";
import { testsOf } from "./tests_of.ts";

const PROBE = "tests/clients/frozen_probe.ts";

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  Deno: async () => await denoRun(PROBE),
  Bun: async () => [await bunPath(), "run", await bundle(PROBE, "tests/.build/frozen.js")],
  Node: async () => [await nodePath(), await bundle(PROBE, "tests/.build/frozen.js")],
};

async function denoRun(path: string, ...args: readonly string[]): Promise<string[]> {
  return [Deno.execPath(), ...await withImportMap(["run", "-A", "--no-check", path]), ...args];
}

/** Every call, with its result. */
const CALLS: readonly (readonly [call: FrozenCall, result: string])[] = [
  [["save", "a.txt"], "a.txt"],
  [["saveNew", "new.txt"], "new.txt"],
  [["readText", "a.txt"], "hello"],
  [["saveStream", "large.bin"], "large.bin"],
  [["download", "large.bin"], "downloaded"],
  [["stat", "large.bin"], "12000000"],
  [["list", ""], "a.txt,large.bin,new.txt"],
  [["copy", "a.txt"], "copied"],
  [["delete", "a.txt"], "deleted"],
];

/** Runs a command where nothing but `/tmp` can be written, without other privileges than those of a user namespace. */
const READ_ONLY = [
  "unshare",
  "-rm",
  "sh",
  "-c",
  'mount --bind /tmp /tmp && mount -o remount,ro,bind / && exec "$@"',
  "sh",
];

async function whyNoReadOnly(): Promise<string | undefined> {
  const args = [...READ_ONLY.slice(1), "true"];
  const { success } = await new Deno.Command(READ_ONLY[0]!, { args, stderr: "null" }).output().catch(() => ({
    success: false,
  }));
  return success ? undefined : "unshare cannot make a read-only file system here";
}

async function startProbe(
  command: readonly string[],
  endpoint: string,
  timeout = 60,
  options: object = {},
): Promise<RunningProgram> {
  const probe = new RunningProgram(command, { TMPDIR: temp });
  await probe.write(JSON.stringify({
    bucketName: "media",
    endpointUrl: endpoint,
    accessKey: "testkey",
    secretKey: "testsecret",
    clientConfig: { timeout },
    ...options,
  }));
  await probe.printed(/Listening/);
  return probe;
}

/** Begins a call; resolves with its line of output. */
async function begin(probe: RunningProgram, [call, name]: FrozenCall): Promise<{ ended: Promise<string> }> {
  const from = probe.output.length;
  await probe.write(JSON.stringify([call, name]));
  const line = new RegExp(`^[^]{${from}}[^]*?^${call} ${name}: (.*)\n`, "m");
  const ended = probe.printed(line).then(([, result]) => result!);
  ended.catch(() => {});
  return { ended };
}

async function call(probe: RunningProgram, wish: FrozenCall): Promise<string> {
  return await (await begin(probe, wish)).ended;
}

/** Waits until bytes for a port are in the kernel, as its process does not read. */
async function untilUnread(port: number): Promise<void> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const isUnread = async (): Promise<boolean> =>
    (await Deno.readTextFile("/proc/net/tcp")).split("\n").some((line) => {
      const [, address, , , queues] = line.trim().split(/\s+/);
      return address?.endsWith(local) && parseInt(queues!.split(":")[1]!, 16) > 0;
    });
  while (!await isUnread()) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A proxy whose connections can be lost without a packet: nothing is forwarded, and nothing is closed. */
class LossyProxy extends TcpProxy {
  #lost = new AbortController();

  constructor({ port }: ServedServer) {
    super("127.0.0.1", port);
  }

  /** Loses all connections so far. */
  lose(): void {
    this.#lost.abort();
    this.#lost = new AbortController();
  }

  protected filter(): ConnectionFilter {
    const { signal } = this.#lost;
    const request = (): Verdict | Promise<Verdict> => signal.aborted ? new Promise(() => {}) : "forward";
    return { request, answer: () => "forward" };
  }
}

/** The folder for files of all probes. */
const temp = await Deno.makeTempDir({ dir: "/tmp", prefix: "storages-frozen-" });
globalThis.addEventListener("unload", () => Deno.removeSync(temp, { recursive: true }));

const notReadOnly = await whyNoReadOnly();

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  const reason = Deno.build.os === "linux" ? await whyMissing(command) : "needs /proc";
  const test = testsOf(runtime, reason);

  test("calls succeed after a freeze in which the server closed the connections", async () => {
    await using s3 = serve();
    const line = delayingProxy(s3.endpoint, 0);
    {
      await using probe = await startProbe(await command(), line.endpoint);
      for (const [wish, result] of CALLS) {
        await call(probe, ["stat", "any"]);
        await probe.freeze();
        line.drop();
        probe.thaw();
        assertEquals(await call(probe, wish), result, wish[0]);
      }
    }
    await line.close();
  });

  test("calls succeed after a freeze if they are sent before the FIN arrives", async () => {
    await using s3 = serve();
    const line = delayingProxy(s3.endpoint, 0);
    {
      await using proxy = new RunningProgram(await denoRun("tests/clients/frozen_proxy.ts", line.endpoint), {});
      const url = new URL(await proxy.url());
      await using probe = await startProbe(await command(), url.origin);
      for (const [wish, result] of CALLS) {
        await call(probe, ["stat", "any"]);
        await Promise.all([probe.freeze(), proxy.freeze()]);
        line.drop();
        probe.thaw();
        const { ended } = await begin(probe, wish);
        await untilUnread(Number(url.port));
        proxy.thaw();
        assertEquals(await ended, result, wish[0]);
      }
    }
    await line.close();
  });

  test("calls succeed on a new connection if nothing arrives on the kept ones for `timeout`", async () => {
    await using s3 = serve();
    const line = new LossyProxy(s3);
    {
      await using probe = await startProbe(await command(), `http://127.0.0.1:${line.port}`, 1);
      for (const [wish, result] of CALLS) {
        await call(probe, ["stat", "any"]);
        line.lose();
        assertEquals(await call(probe, wish), result, wish[0]);
      }
    }
    await line.close();
  });

  test("a call that is frozen for longer than `timeout` succeeds", async () => {
    await using s3 = serve();
    let held: PromiseWithResolvers<void> | undefined;
    let holds = Promise.withResolvers<void>();
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const response = await s3.server.fetch(request);
      holds.resolve();
      await held?.promise;
      return response;
    });
    {
      await using probe = await startProbe(await command(), `http://127.0.0.1:${http.addr.port}`, 1);
      for (const [wish, result] of CALLS.slice(0, 4)) {
        held = Promise.withResolvers();
        holds = Promise.withResolvers();
        const { ended } = await begin(probe, wish);
        await holds.promise;
        await probe.freeze();
        await new Promise((resolve) => setTimeout(resolve, 1500)); // its timeout expires meanwhile
        held.resolve();
        held = undefined;
        probe.thaw();
        assertEquals(await ended, result, wish[0]);
      }
    }
    await http.shutdown();
  });

  test("a call that is frozen for longer than `callTimeout` fails with a TimeoutError, and the next one succeeds", async () => {
    await using s3 = serve();
    let held: PromiseWithResolvers<void> | undefined = Promise.withResolvers<void>();
    const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      await held?.promise;
      return await s3.server.fetch(request);
    });
    {
      const clientConfig = { timeout: 60, callTimeout: 1 };
      await using probe = await startProbe(await command(), `http://127.0.0.1:${http.addr.port}`, 60, { clientConfig });
      const { ended } = await begin(probe, ["readText", "a.txt"]);
      await probe.freeze();
      await new Promise((resolve) => setTimeout(resolve, 1500)); // its time expires meanwhile
      probe.thaw();
      assertMatch(await ended, /^TimeoutError: /);
      held.resolve();
      held = undefined;
      assertEquals(await call(probe, ["save", "a.txt"]), "a.txt");
    }
    await http.shutdown();
  });

  Deno.test({
    name: `${runtime}: every call works where /tmp alone can be written${
      notReadOnly ? ` (skipped: ${notReadOnly})` : ""
    }`,
    ignore: (reason ?? notReadOnly) !== undefined,
    fn: async () => {
      await using s3 = serve();
      const readOnly = [...READ_ONLY, ...await command()];
      await using probe = await startProbe(readOnly, s3.endpoint, 60, { maxMemorySize: 100_000 }); // needs temporary files
      for (const [wish, result] of CALLS) assertEquals(await call(probe, wish), result, wish[0]);
      const refused = await call(probe, ["downloadHere", "large.bin"]);
      assertMatch(refused, /^DiskError: .*read-only/);
      assertEquals((await Array.fromAsync(Deno.readDir(temp))).map(({ name }) => name), ["large.bin"]);
    },
  });
}

/** Calls the handler with each line of standard input, as the runtime of Lambda does with each event. */
const LAMBDA_RUNTIME = `
console.log("Listening");
for await (const line of createInterface({ input: process.stdin })) console.log("returned " + await handler(JSON.parse(line)));
`;

const whyNoNode = await whyMissing(nodePath);

Deno.test({
  name: `the Lambda function of docs/services.md works again after a freeze${
    whyNoNode ? ` (skipped: ${whyNoNode})` : ""
  }`,
  ignore: Deno.build.os !== "linux" || whyNoNode !== undefined,
  fn: async () => {
    await using s3 = serve();
    const line = delayingProxy(s3.endpoint, 0);
    const storage = new S3Storage({
      bucketName: "media",
      endpointUrl: s3.endpoint,
      accessKey: "testkey",
      secretKey: "testsecret",
    });
    const code = await programOf("docs/services.md", "Node: AWS Lambda");
    const imports = 'import { createInterface } from "node:readline";\nimport process from "node:process";\n';
    {
      await using lambda = new RunningProgram(await commandOf("Node", imports + code + LAMBDA_RUNTIME), {
        AWS_ACCESS_KEY_ID: "testkey",
        AWS_SECRET_ACCESS_KEY: "testsecret",
        AWS_REGION: "us-east-1",
        AWS_ENDPOINT_URL_S3: line.endpoint,
      });
      await lambda.printed(/Listening/);
      for (const name of ["first log.txt", "second.txt"]) {
        await storage.save(name, name.repeat(1000));
        const key = encodeURIComponent(name).replaceAll("%20", "+");
        await lambda.write(JSON.stringify({ Records: [{ s3: { object: { key } } }] }));
        await lambda.printed(new RegExp(`returned packed/${name}.gz\n`));
        const packed = new Blob([await storage.readBytes(`packed/${name}.gz`)]);
        const text = await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).text();
        assertEquals(text, name.repeat(1000));
        await lambda.freeze();
        line.drop();
        lambda.thaw();
      }
    }
    await line.close();
  },
});
