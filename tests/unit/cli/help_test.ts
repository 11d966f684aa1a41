import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { onStage } from "./stage.ts";

const COMMANDS = ["collect", "ls", "cp", "rm", "url", "check", "policy", "cleanup"];

Deno.test("the help of every command fits 80 columns and has options, examples and exit codes", async () => {
  await onStage(async ({ run }) => {
    const all = (await run(["--help"])).stdout;
    for (const command of COMMANDS) {
      assertStringIncludes(all, `\n  ${command} `);
      const { code, stdout, stderr } = await run([command, "--help"]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals((await run(["help", command])).stdout, stdout);
      for (const part of [`  storages-s3 ${command} `, "\nOptions:\n", "\nExamples:\n", "--help", "130 interrupted"]) {
        assertStringIncludes(stdout, part);
      }
      for (const line of `${stdout}\n${all}`.split("\n")) assert(line.length <= 80 && line === line.trimEnd(), line);
    }
    for (const part of ["Exit codes:", "s3://BUCKET/KEY", "AWS_*"]) assertStringIncludes(all, part);
  });
});

Deno.test("an invalid command line exits with 2 and says what is right", async () => {
  await onStage(async ({ run }) => {
    for (
      const [argv, message] of [
        [[], "Missing command"],
        [["colect"], "Did you mean collect?"],
        [["help", "nope"], "Unknown command 'nope'"],
        [["ls", "a", "b"], `Unexpected argument "b": ls takes [PLACE]`],
        [["cp", "a"], "Missing argument: cp takes FROM... TO"],
        [["ls", "gs://media"], "A place must be s3://bucket/key, s3:name or a path on disk"],
        [["check", "./folder"], "check needs a place on S3"],
        [["ls", "s3:/media/a"], "A place on S3 must be s3://bucket/key"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(argv, { fetch: () => Promise.reject(new Error("nothing is sent")) });
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, message);
    }
  });
});

Deno.test("an aborted signal stops a command before its first request", async () => {
  await onStage(async ({ run, s3, requests }) => {
    const { code, stderr } = await run(["ls", s3()], { signal: AbortSignal.abort(new Error("no")) });
    assertEquals([code, stderr], [130, "Stopped. No partial files were stored: run the command again to continue.\n"]);
    assertEquals(requests, []);
  });
});

Deno.test("run() with a signal does not listen to signals of the process", async () => {
  const { process } = globalThis as unknown as { process: { listenerCount(name: string): number } };
  await onStage(async ({ run, s3, fetch }) => {
    const counts: number[] = [];
    const counting = (request: Request): Promise<Response> => {
      counts.push(process.listenerCount("SIGINT"));
      return fetch(request);
    };
    const before = process.listenerCount("SIGINT");
    await run(["ls", s3()], { fetch: counting });
    await run(["ls", s3()], { fetch: counting, signal: new AbortController().signal });
    assertEquals(counts, [before + 1, before]);
    assertEquals(process.listenerCount("SIGINT"), before);
  });
});

Deno.test("--quiet prints only results, warnings and errors", async () => {
  await onStage(async ({ storage, run, s3, folder, write }) => {
    await write({ "site/a.css": "a{}", "other/a.css": "b{}" });
    await storage.save("in.txt", "x");
    for (
      const [argv, code, stdout, stderr] of [
        [
          ["collect", `${folder}/site`, `${folder}/other`, "--to", s3("s")],
          0,
          "",
          "warning: a.css is in more than one",
        ],
        [["cp", s3("in.txt"), s3("out.txt")], 0, "", ""],
        [["cp", s3("in.txt"), "-"], 0, "x", ""],
        [["cp", s3("nope"), s3("out.txt")], 1, "", "error: Cannot copy s3://media/nope: it does not exist"],
        [["ls", s3("in.txt")], 0, "in.txt", ""],
        [["rm", s3("in.txt")], 0, "", ""],
        [["check", s3()], 0, "", ""],
        [["url", s3("a"), "--unsigned"], 0, "https://media.s3.amazonaws.com/a", ""],
        [["policy", s3(), "--for", "delete"], 0, "s3:DeleteObject", ""],
      ] as const
    ) {
      const outcome = await run([...argv, "-q"]);
      assertEquals(outcome.code, code, outcome.stderr);
      for (const [said, part] of [[outcome.stdout, stdout], [outcome.stderr, stderr]]) {
        if (part === "") assertEquals(said, "", argv.join(" "));
        else assertStringIncludes(said!, part!);
      }
    }
  });
});

Deno.test("the remaining options do what their help says", async () => {
  await onStage(async ({ storage, run, s3, folder, write, fetch }) => {
    await write({
      "a.bin": "a",
      "site/a.css": "b{background:url(/static/c.png)}",
      "site/c.png": "c",
      "site/x.map": "m",
      "site/y": "",
    });
    const ok = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await run(argv);
      assertEquals(code, 0, stderr);
      return stdout;
    };
    await ok("cp", `${folder}/a.bin`, s3("typed"), "--content-type", "text/x-own", "--concurrency", "1");
    assertEquals((await storage.stat("typed")).contentType, "text/x-own");
    const head = (await ok("url", s3("typed"), "-m", "head", "-e", "45s")).trim();
    assertStringIncludes(head, "X-Amz-Expires=45&");
    assertEquals((await fetch(new Request(head, { method: "HEAD" }))).status, 200);
    assertEquals((await fetch(new Request(head))).status, 403);
    const collect = ["collect", `${folder}/site`, "--to", s3("s"), "--manifest", "--concurrency", "2", "--static-url"];
    await ok(...collect, "/static/", "-i", "*.map", "--ignore", "y,z");
    const names = [...await Array.fromAsync(storage.list("s", { recursive: true }))].map(({ name }) => name);
    assertEquals(names.length, 5); // two files, their copies, the manifest
    const css = names.find((name) => /a\.[0-9a-f]{12}\.css$/.test(name))!;
    assert(/url\("?\/static\/c\.[0-9a-f]{12}\.png"?\)/.test(await (await storage.open(css)).text()));
    await write({ "site/c.png": "changed" });
    const pruned = await ok(...collect, "/static/", "-i", "*.map", "-i", "y", "--prune", "0s");
    assertStringIncludes(pruned, "2 hashed copies, 2 removed");
    const policy = JSON.parse(await ok("policy", s3(), "--for", "list", "--for", "read")).Statement;
    assertEquals(policy.map(({ Sid }: { Sid: string }) => Sid), ["List", "Read"]);
  });
});
