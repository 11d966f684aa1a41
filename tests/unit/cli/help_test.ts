import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { onStage } from "./stage.ts";

const COMMANDS = ["collect", "ls", "cp", "rm", "url", "check", "policy"];

Deno.test("the help of every command fits 80 columns, and names its options, an example and the exit codes", async () => {
  await onStage(async ({ run }) => {
    const all = (await run(["--help"])).stdout;
    for (const command of COMMANDS) {
      assertStringIncludes(all, `\n  ${command} `);
      const { code, stdout, stderr } = await run([command, "--help"]);
      assertEquals([code, stderr], [0, ""]);
      assertEquals((await run(["help", command])).stdout, stdout);
      for (const part of [`  storages-s3 ${command} `, "\nOptions:\n", "\nExamples:\n", "--help", "130 stopped"]) {
        assertStringIncludes(stdout, part);
      }
      for (const line of `${stdout}\n${all}`.split("\n")) assert(line.length <= 80 && line === line.trimEnd(), line);
    }
    for (const part of ["Exit codes:", "s3://BUCKET/KEY", "AWS_*"]) assertStringIncludes(all, part);
  });
});

Deno.test("a command line that makes no sense ends in 2, and says what would", async () => {
  await onStage(async ({ run }) => {
    for (
      const [argv, message] of [
        [[], "There is no command"],
        [["colect"], "Did you mean collect?"],
        [["help", "nope"], "There is no command named nope"],
        [["ls", "a", "b"], `What is "b"? It is one too many`],
        [["cp", "a"], "cp takes FROM TO"],
        [["ls", "gs://media"], "Places are s3://bucket/key, s3:name or paths on disk"],
        [["check", "./folder"], "check is for places on S3"],
        [["ls", "s3:/media/a"], "Places on S3 are like s3://bucket/key"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(argv, { fetch: () => Promise.reject(new Error("nothing is sent")) });
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, message);
    }
  });
});

Deno.test("a signal that has come already stops a command before it begins", async () => {
  await onStage(async ({ run, s3, requests }) => {
    const { code, stderr } = await run(["ls", s3()], { signal: AbortSignal.abort(new Error("no")) });
    assertEquals([code, stderr], [130, "Stopped. Nothing is half-done: run it again to go on.\n"]);
    assertEquals(requests, []);
  });
});
