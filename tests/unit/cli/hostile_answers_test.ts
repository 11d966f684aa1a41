/** Commands with hostile answers and names: no control sequence reaches the terminal. */
import { assert, assertEquals } from "@std/assert";
import { explain, UsageError } from "../../../src/cli/output/failure.ts";
import { harmless, json } from "../../../src/cli/output/format.ts";
import { errorAnswer, withoutWaiting, xmlAnswer } from "../transport.ts";
import { onStage, type Outcome, recorded, type Stage } from "./stage.ts";

/** Characters that move the cursor, forge a line or reverse text. Line ends of our own are allowed. */
// deno-lint-ignore no-control-regex -- the test searches for them
const UNPRINTABLE = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

const EVIL = "a\x1b[2J\x9b31m\u202eb\u2066\u007f\u2028\u0008c";
const EVIL_LINES = `${EVIL}\nerror: forged\r`;
const EVIL_XML = [...EVIL_LINES].map((character) => `&#${character.charCodeAt(0)};`).join("");

function assertHarmless({ stdout, stderr }: Outcome, what: string): void {
  for (const text of [stdout, stderr]) {
    assert(!UNPRINTABLE.test(text), `${what}: ${JSON.stringify(text)}`);
    assert(!/^error: forged/m.test(text), `${what}: ${text}`);
    assert(!/testsecret|Signature=[\da-f]/.test(text) || what.startsWith("url"), `${what}: ${text}`);
  }
}

const COMMANDS: Readonly<Record<string, (stage: Stage) => string[]>> = {
  "ls": ({ s3 }) => ["ls", s3()],
  "ls --json": ({ s3 }) => ["ls", "-r", "--json", s3()],
  "ls of a file": ({ s3 }) => ["ls", s3("missing.txt")],
  "cp to S3": ({ s3, folder }) => ["cp", `${folder}/up.txt`, s3("up.txt")],
  "cp from S3": ({ s3, folder }) => ["cp", s3("plain.txt"), `${folder}/down.txt`],
  "cp -r from S3": ({ s3, folder }) => ["cp", "-r", s3("dir/"), `${folder}/down`],
  "cp within S3": ({ s3 }) => ["cp", s3("plain.txt"), s3("copy.txt")],
  "rm": ({ s3 }) => ["rm", s3("plain.txt")],
  "rm -r": ({ s3 }) => ["rm", "-r", "--yes", s3("dir/")],
  "rm -r --dry-run": ({ s3 }) => ["rm", "-r", "--dry-run", s3()],
  "url": ({ s3 }) => ["url", s3("plain.txt")],
  "check": ({ s3 }) => ["check", s3()],
  "check --json": ({ s3 }) => ["check", "--json", s3()],
  "policy": ({ s3 }) => ["policy", s3()],
  "collect": ({ s3, folder }) => ["collect", `${folder}/static`, "--to", s3("static/"), "--no-input"],
  "collect --json": ({ s3, folder }) => ["collect", `${folder}/static`, "--to", s3("static/"), "--json", "--no-input"],
};

const LIES: Readonly<Record<string, (request: Request) => Response>> = {
  "refusals with escapes": () => errorAnswer(403, "AccessDenied", { message: EVIL_XML }),
  "odd codes": () => errorAnswer(400, EVIL_XML, { message: EVIL_XML, elements: `<RequestId>${EVIL_XML}</RequestId>` }),
  "echoes": (request) =>
    errorAnswer(400, "Refused", {
      message: [request.url, ...[...request.headers].flat(), "testsecret"].join(" ").replace(/[&<]/g, " "),
    }),
  "redirects": () => new Response(null, { status: 307, headers: { location: "https://evil.example/" } }),
  "odd names": ({ method }) =>
    method === "HEAD" ? new Response(null, { status: 404 }) : xmlAnswer(
      `<ListBucketResult><Contents><Key>dir/${EVIL_XML}</Key><Size>1</Size></Contents>` +
        `<Contents><Key>dir/..//${EVIL_XML}</Key><Size>1</Size></Contents></ListBucketResult>`,
    ),
  "an odd upload": ({ method, url }) => {
    if (method === "DELETE") return errorAnswer(403, "AccessDenied");
    if (!url.includes("uploads=")) {
      return new Response(null, { status: 200, headers: { etag: '"e"', "content-length": "0" } });
    }
    return xmlAnswer(`<InitiateMultipartUploadResult><UploadId>${EVIL_XML}</UploadId></InitiateMultipartUploadResult>`);
  },
};

for (const [what, lie] of Object.entries(LIES)) {
  for (const isTerminal of [false, true]) {
    Deno.test(`no command writes control sequences of names or servers to a terminal: ${what}${isTerminal ? ", in colour" : ""}`, async () => {
      await onStage(async (stage) => {
        await stage.write({ "up.txt": "up", "static/a.css": "a{}" });
        for (const [name, line] of Object.entries(COMMANDS)) {
          const { io, text } = recorded(isTerminal);
          const options = { ...io, fetch: (request: Request) => Promise.resolve(lie(request)) };
          const { code } = await withoutWaiting(() => stage.run(line(stage), options));
          // deno-lint-ignore no-control-regex -- the colours of the command line
          const plain = (output: string): string => output.replace(/\x1b\[(?:[0-9]+m|J|\?25[hl])|\r/g, "");
          const outcome = { code, stdout: plain(text.stdout), stderr: plain(text.stderr) };
          assertHarmless(outcome, `${name} meets ${what}`);
          assert([0, 1, 2].includes(code), name);
          if (name.endsWith("--json") && text.stdout !== "") {
            for (const one of documentsOf(text.stdout)) JSON.parse(one);
          }
        }
      });
    });
  }
}

/** The lines of a listing, or the whole output. */
function documentsOf(output: string): string[] {
  return output.startsWith("{\n") ? [output] : output.trim().split("\n");
}

Deno.test("names with control characters are escaped, and lossless in JSON", async () => {
  await onStage(async (stage) => {
    const names = [`dir/${EVIL_LINES}.txt`, "dir/naïve 日本語.txt", `dir/${EVIL}`];
    for (const name of names) await stage.storage.save(name, "x");
    for (const argv of [["ls", "-r"], ["rm", "-r", "--dry-run"], ["ls"]]) {
      const outcome = await stage.run([...argv, stage.s3()]);
      assertEquals(outcome.code, 0);
      assertHarmless(outcome, argv.join(" "));
    }
    const shown = (await stage.run(["ls", "-r", stage.s3()])).stdout;
    assert(shown.includes("dir/a\\u001b[2J\\u009b31m\\u202eb") && shown.includes("dir/naïve 日本語.txt"), shown);
    const { stdout } = await stage.run(["ls", "-r", "--json", stage.s3()]);
    assert(!UNPRINTABLE.test(stdout), stdout);
    assertEquals(stdout.trim().split("\n").map((line) => JSON.parse(line).name).sort(), names.sort());
    const copied = await stage.run(["cp", "-r", stage.s3("dir/"), `${stage.folder}/down`]);
    assertHarmless(copied, "cp -r");
  });
});

Deno.test("ls lists objects without a modification time", async () => {
  await onStage(async ({ run, s3 }) => {
    const document = "<ListBucketResult><Contents><Key>a</Key><Size>1</Size></Contents></ListBucketResult>";
    const { code, stdout } = await run(["ls", s3()], { fetch: () => Promise.resolve(xmlAnswer(document)) });
    assertEquals([code, stdout], [0, `${" ".repeat(16)}       1 B  a\n`]);
  });
});

Deno.test("check reports a redirect and does not follow it", async () => {
  await onStage(async ({ run, s3, fetch }) => {
    const asked: string[] = [];
    const { code, stdout } = await run(["check", s3()], {
      fetch: async (request) => {
        if (!request.url.includes("X-Amz-Signature")) return await fetch(request);
        asked.push(request.redirect);
        return new Response(null, { status: 302, headers: { location: "https://evil.example/" } });
      },
    });
    assertEquals([code, asked], [1, ["manual"]]);
    assert(stdout.includes("the URL returns status 302"), stdout);
  });
});

Deno.test("json() is lossless, and harmless() keeps line ends and colours", () => {
  const value = { [EVIL_LINES]: [EVIL, "\\u001b", "naïve"] };
  for (const indent of [undefined, 2]) {
    assertEquals(JSON.parse(json(value, indent)), value);
    assert(!UNPRINTABLE.test(json(value, indent)));
  }
  assertEquals(harmless("\x1b[31mred\x1b[39m\n\x1b[2J\x1b[31"), "\x1b[31mred\x1b[39m\n\\u001b[2J\\u001b[31");
});

Deno.test("UsageError and explain() remove credentials and parameters of URLs in any text", () => {
  const explained: readonly (readonly [given: string, shown: string])[] = [
    ["see https://u:p@h/a?X-Amz-Signature=abc&b=c", "see https://…@h/a?X-Amz-Signature=…&b=…"],
    ["see https://h/??X-Amz-Signature=abc", "see https://h/??X-Amz-Signature=…"],
    ["see https://h/a?b?c=secret&d=e", "see https://h/a?b?c=…&d=…"],
    ["see https://h/a@b", "see https://h/a@b"],
  ];
  for (const [given, shown] of explained) assertEquals(explain(new Error(given)), shown);
  const refused: readonly (readonly [given: string, shown: string])[] = [
    ['"s3://key:sec/re@t@bucket/a" is not', '"s3://…@bucket/a" is not'],
    ["s3:///key:secret@bucket and s3://b/c", "s3:///…@bucket and s3://b/c"],
    ["mail a@b about s3://c", "mail a@b about s3://c"],
  ];
  for (const [given, shown] of refused) assertEquals(new UsageError(given).message, shown);
});
