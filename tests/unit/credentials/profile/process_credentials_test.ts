import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { processCredentials } from "../../../../src/credentials/profile/process_credentials.ts";
import type { Credentials } from "../../../../src/aws/credentials.ts";
import { ConfigurationError, type StorageError, TimeoutError } from "../../../../src/errors.ts";
import { until } from "../../held_time.ts";
import { fromTexts, NOW } from "../profiles.ts";
import { assertNoSecret, plain } from "../world.ts";

const KEY = { Version: 1, AccessKeyId: "ASIAPROCESS", SecretAccessKey: "hunter2" };

/** Runs a real program, written in JavaScript, in a folder whose name has a space. */
async function run(
  script: string,
  { args = "", timeoutMilliseconds }: { args?: string; timeoutMilliseconds?: number } = {},
): Promise<Credentials> {
  const folder = await Deno.makeTempDir({ prefix: "a program " });
  try {
    await Deno.writeTextFile(`${folder}/program.js`, script);
    return await processCredentials({
      commandLine: `"${Deno.execPath()}" run --no-config '${folder}/program.js' ${args}`,
      what: "credential_process of profile 'dev'",
      now: () => NOW,
      timeoutMilliseconds,
    })();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const print = (value: unknown): string => `console.log(${JSON.stringify(JSON.stringify(value))})`;

async function refuse(
  work: Promise<unknown>,
  kind: new (message: string) => StorageError = ConfigurationError,
): Promise<string> {
  const error = await assertRejects(() => work, kind);
  assertEquals(Deno.inspect(error, { depth: 9 }).includes("hunter2"), false, "no secret is shown");
  return error.message;
}

Deno.test("processCredentials() reads credentials with and without an expiration", async () => {
  const lasting = await run(print(KEY));
  assertEquals(plain(lasting), ["ASIAPROCESS", "hunter2", undefined, undefined]);
  assertNoSecret(lasting);
  const expiration = new Date("2030-01-01T00:00:00Z");
  const given = { ...KEY, SessionToken: "token", Expiration: expiration.toISOString(), AccountId: "1" };
  const credentials = await run(print(given));
  assertEquals(credentials.sessionToken, "token");
  assertEquals(credentials.expiration, expiration);
  assert(Object.isFrozen(credentials));
});

Deno.test("processCredentials() splits arguments as a shell and gives no standard input", async () => {
  const script = `const input = await new Response(Deno.stdin.readable).text();
    console.log(JSON.stringify({ ...${JSON.stringify(KEY)}, SessionToken: JSON.stringify([...Deno.args, input]) }));`;
  const { sessionToken } = await run(script, { args: `a "b c" '$HOME' d\\ e *` });
  assertEquals(JSON.parse(sessionToken!), ["a", "b c", "$HOME", "d e", "*", ""]);
});

for (
  const [what, script, message] of [
    ["fails", `${print(KEY)}; console.error("hunter2"); Deno.exit(3)`, "failed with exit code 3: run it in a terminal"],
    ["prints nothing", "", "must print a JSON object whose Version is 1"],
    ["prints no JSON", 'console.log("hunter2")', "must print a JSON object whose Version is 1"],
    ["prints a list", "console.log('[\"hunter2\"]')", "must print a JSON object whose Version is 1"],
    ["prints another version", print({ ...KEY, Version: 2 }), "must print a JSON object whose Version is 1"],
    ["prints its version as text", print({ ...KEY, Version: "1" }), "must print a JSON object whose Version is 1"],
    [
      "prints no secret",
      print({ ...KEY, SecretAccessKey: undefined }),
      "printed malformed credentials: The secretAccessKey",
    ],
    ["prints a number for a key", print({ ...KEY, AccessKeyId: 1 }), "printed malformed credentials: The accessKeyId"],
    ["prints a token that is no text", print({ ...KEY, SessionToken: { a: "hunter2" } }), "The sessionToken"],
    ["prints an end that is no date", print({ ...KEY, Expiration: "hunter2" }), "must print an Expiration such as"],
    [
      "prints an end without a zone",
      print({ ...KEY, Expiration: "2030-01-01T00:00:00" }),
      "must print an Expiration such as",
    ],
    [
      "prints an end that is past",
      print({ ...KEY, Expiration: "2029-06-01T12:00:00Z" }),
      "expired at 2029-06-01T12:00:00.000Z",
    ],
  ] as const
) {
  Deno.test(`processCredentials() refuses a program that ${what}, without showing its output`, async () => {
    const refused = await refuse(run(script, { args: "--password hunter2" }));
    assertStringIncludes(refused, message);
    assertStringIncludes(refused, `credential_process of profile 'dev': ${Deno.execPath()}`);
  });
}

/** Returns the child processes that still exist, including zombies. */
async function children(): Promise<string[]> {
  const args = ["--ppid", `${Deno.pid}`, "-o", "pid=,comm="];
  const { stdout } = await new Deno.Command("ps", { args }).output();
  return new TextDecoder().decode(stdout).split("\n").map((line) => line.trim()).filter((line) =>
    !line.endsWith(" ps")
  );
}

Deno.test("processCredentials() kills a program that does not end", async () => {
  const before = await children();
  const script = "setInterval(() => {}, 1000)";
  const message = await refuse(run(script, { args: "hunter2", timeoutMilliseconds: 50 }), TimeoutError);
  assertStringIncludes(message, "did not end within 50 ms");
  const isOver = async (): Promise<boolean> => (await children()).every((child) => before.includes(child));
  await until(isOver, "its end");
});

Deno.test("processCredentials() names a missing program", async () => {
  const what = "credential_process";
  const provider = processCredentials({ commandLine: "no-such-program-here hunter2", what, now: () => NOW });
  assertStringIncludes(await refuse(Promise.resolve(provider())), "Cannot run the program no-such-program-here");
});

Deno.test("processCredentials() refuses a malformed command line immediately", () => {
  for (const [line, message] of [['"hunter2', "is not closed"], ["  ", "must not be empty"]] as const) {
    const options = { commandLine: line, what: "credential_process", now: () => NOW };
    const error = assertThrows(() => processCredentials(options), ConfigurationError);
    assertStringIncludes(error.message, message);
    assertEquals(error.message.includes("hunter2"), false);
  }
});

Deno.test("profileCredentials() runs the program at each call", async () => {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const config = `[profile dev]\ncredential_process = "${Deno.execPath()}" run '${file}'`;
    const provider = fromTexts({ config, profile: "dev" });
    for (const secret of ["first", "second"]) {
      await Deno.writeTextFile(file, print({ ...KEY, SecretAccessKey: secret }));
      assertEquals((await provider()).secretAccessKey, secret);
    }
  } finally {
    await Deno.remove(file);
  }
});
