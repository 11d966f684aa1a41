/** The services and scripts that docs/services.md and docs/bun_scripts.md print, each as a process on its runtime. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { unzipSync } from "fflate";
import { S3Storage } from "../../mod.ts";
import { runDeno } from "../house/source_files.ts";
import { whyMissing } from "../runtimes/install.ts";
import {
  commandOf,
  PROGRAM_RUNTIMES,
  programOf,
  type ProgramRuntime,
  programsOf,
  RunningProgram,
  writeModule,
} from "./printed_programs.ts";
import { patternBytes, serve, type ServedServer } from "./served_server.ts";

const SERVICES = "docs/services.md";
const SCRIPTS = "docs/bun_scripts.md";
const WORKERS = "docs/workers.md";

/** Programs that another file of tests runs, with signals. */
const SIGNALLED = ["Deno: shutdown", "Bun: shutdown", "Node: shutdown", "Node: AWS Lambda"];

/** What a case uses. */
interface Stage {
  /** The bucket, without the program. */
  readonly storage: S3Storage;
  readonly s3: ServedServer;
  readonly folder: string;
  /** Sets the clock of the server; by default it is that of the machine. */
  setClock(now: Date | undefined): void;
  /** Starts the program, until the end of the case. */
  start(args?: readonly string[], env?: Readonly<Record<string, string>>): Promise<RunningProgram>;
}

/** The output of a script, which must exit with 0. */
async function run(
  stage: Stage,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { end, output } = await (await stage.start(args, env)).ended;
  assertEquals(end, 0, output);
  return output;
}

/** The status and the text of a response. */
async function answer(response: Promise<Response>): Promise<[status: number, text: string]> {
  const { status, body } = await response;
  return [status, await new Response(body).text()];
}

const SERVICE_CASES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "Deno: pictures": async ({ start }) => {
    const url = await (await start()).url();
    const send = (name: string, content: string): Promise<[number, string]> => {
      const body = new FormData();
      body.append("file", new File([content], name));
      return answer(fetch(url, { method: "POST", body }));
    };
    assertMatch((await answer(fetch(url)))[1], /<form method="post"/);
    const [status, text] = await send("a.gif", "GIF89a-picture");
    const [path] = JSON.parse(text);
    assertEquals(status, 201);
    assertMatch(path, /^\/files\/[\da-f-]{36}\.gif$/);
    assertEquals(await answer(fetch(new URL(path, url), { headers: { range: "bytes=7-" } })), [206, "picture"]);
    assertEquals((await send("a.html", "<p>"))[0], 415);
  },

  "Deno: files of each user": async ({ start, storage }) => {
    const url = await (await start()).url();
    const send = (user: string, path: string, init: RequestInit = {}): Promise<[number, string]> =>
      answer(fetch(url + path, { ...init, headers: { "x-forwarded-user": user } }));
    assertEquals(await send("ada", "a%20b.txt", { method: "PUT", body: "hello" }), [201, '{"name":"a b.txt"}']);
    assertEquals(await send("ada", "a%20b.txt"), [200, "hello"]);
    assertEquals((await send("bob", "a%20b.txt"))[0], 404);
    assertEquals(await storage.readText("users/ada/a b.txt"), "hello");
    assertEquals((await send("bob", "..%2fada%2fa%20b.txt"))[0], 404);
    assertEquals((await send("bob", "..%2fada%2fc.txt", { method: "PUT", body: "x" }))[0], 400);
    assertEquals((await send("../ada", "a%20b.txt"))[0], 403);
    assertEquals((await send("ada", "a.txt", { method: "DELETE" }))[0], 405);
  },

  "Deno: zip on the fly": async ({ start, storage }) => {
    const large = patternBytes(3_000_000);
    await storage.save("album/large.bin", large);
    await storage.save("album/more/a.txt", "hello");
    await storage.save("other.txt", "other");
    const response = await fetch(`${await (await start()).url()}?folder=album`);
    const files = unzipSync(await response.bytes());
    assertEquals(Object.keys(files).sort(), ["album/large.bin", "album/more/a.txt"]);
    assertEquals(files["album/large.bin"], large);
    assertEquals(new TextDecoder().decode(files["album/more/a.txt"]), "hello");
  },

  "Deno: CSV report": async ({ start, s3 }) => {
    const url = await (await start()).url();
    const response = await fetch(url);
    const lines = (await response.text()).split("\r\n");
    assertEquals([lines.length, lines[0], lines[1000]], [1002, "number,square", "1000,1000000"]);
    assertMatch(response.headers.get("content-disposition")!, /^attachment; filename="?Report\.csv/);
    assertEquals(s3.server.objects("media").map(({ contentType }) => contentType.split(";")[0]), ["text/csv"]);
  },

  "Deno: form into the bucket": async ({ start, s3 }) => {
    const page = await (await fetch(await (await start()).url())).text();
    const [, action] = /<form action="([^"]+)"/.exec(page)!;
    const body = new FormData();
    for (const [, name, value] of page.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)) {
      body.append(name!, value!);
    }
    body.append("file", new File(["PNG"], "a.png", { type: "image/png" }));
    assertEquals((await answer(fetch(action!, { method: "POST", body })))[0], 204);
    const [stored] = s3.server.objects("media");
    assertMatch(stored!.key, /^pictures\/[\da-f-]{36}\.png$/);
    assertEquals(stored!.contentType, "image/png");
  },

  "Node: downloads": async ({ start, storage }) => {
    const url = await (await start()).url();
    const film = patternBytes(3_000_000);
    await storage.save("films/a b.bin", film);
    const response = await fetch(`${url}films/a%20b.bin`);
    assertEquals([response.status, response.headers.get("content-length")], [200, "3000000"]);
    assertEquals(await response.bytes(), film);
    await storage.with({ gzip: true }).save("a.css", "a { color: red }\n".repeat(1000));
    assertEquals((await storage.stat("a.css")).contentEncoding, "gzip");
    assertEquals(await answer(fetch(`${url}a.css`)), [200, "a { color: red }\n".repeat(1000)]);
    assertEquals((await answer(fetch(`${url}missing`)))[0], 404);
  },

  "Node: links": async ({ start, storage }) => {
    const url = await (await start()).url();
    await storage.save("reports/a.txt", "hello");
    const response = await fetch(`${url}reports/a.txt`);
    assertEquals([response.status, await response.text()], [200, "hello"]);
    assertMatch(response.headers.get("content-disposition")!, /^attachment; filename="?a\.txt/);
    assertEquals((await answer(fetch(`${url}missing`)))[0], 404);
    assertEquals((await answer(fetch(`${url}%ff`)))[0], 400);
  },
};

const SCRIPT_CASES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "Script: backup": async (stage) => {
    const { folder, storage, s3 } = stage;
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    const [, name] = /^stored (backups\/\S+\.tar\.gz), \d+ bytes$/m.exec(await run(stage, [folder]))!;
    const archive = `${folder}/backup.tar.gz`;
    await storage.downloadTo(name!, archive);
    const { stdout } = await new Deno.Command("tar", { args: ["-xzOf", archive, "./a.txt"] }).output();
    assertEquals(new TextDecoder().decode(stdout), "hello");
    const failed = await (await stage.start([`${folder}/missing`])).ended;
    assertEquals([failed.end, s3.server.objects("media").length, s3.server.openUploads("media")], [1, 1, []]);
    assertMatch(failed.output, /Cannot archive/);
  },

  "Script: keep seven backups": async (stage) => {
    const { storage, setClock } = stage;
    for (const age of [5, 1, 9, 3, 7, 10, 2, 8, 4, 6]) {
      setClock(new Date(Date.now() - age * 24 * 60 * 60 * 1000));
      await storage.save(`backups/${age}.tar.gz`, "x");
    }
    await storage.save("other.txt", "kept");
    setClock(undefined);
    assertMatch(await run(stage), /^deleted 3, kept 7$/m);
    const [, left] = await storage.listdir("backups");
    assertEquals(left.sort(), [1, 2, 3, 4, 5, 6, 7].map((age) => `${age}.tar.gz`));
    assert(await storage.exists("other.txt"));
  },

  "Script: upload a folder": async (stage) => {
    const { folder, storage } = stage;
    await Deno.mkdir(`${folder}/photos/old`, { recursive: true });
    for (let number = 0; number < 20; number++) await Deno.writeTextFile(`${folder}/photos/${number}.txt`, `${number}`);
    const large = patternBytes(12_000_000);
    await Deno.writeFile(`${folder}/photos/old/large.bin`, large);
    assertMatch(await run(stage, [folder]), /^uploaded 21 of 21$/m);
    assertEquals(await storage.readBytes("photos/old/large.bin"), large);
    assertEquals(await storage.readText("photos/7.txt"), "7");
    await Deno.writeTextFile(`${folder}/photos/7.txt`, "seven");
    assertMatch(await run(stage, [folder]), /^uploaded 1 of 21$/m);
    assertEquals(await storage.readText("photos/7.txt"), "seven");
  },

  "Script: download a folder": async (stage) => {
    const { folder, storage } = stage;
    await storage.save("photos/a.txt", "hello");
    await storage.save("photos/old/b.txt", "world");
    await storage.save("other.txt", "other");
    await run(stage, ["photos", `${folder}/to`]);
    assertEquals(await Deno.readTextFile(`${folder}/to/a.txt`), "hello");
    assertEquals(await Deno.readTextFile(`${folder}/to/old/b.txt`), "world");
    assertEquals((await Array.fromAsync(Deno.readDir(`${folder}/to`))).length, 2);
  },

  "Script: copy to another provider": async (stage) => {
    await using other = serve();
    const { storage, s3 } = stage;
    const large = patternBytes(12_000_000);
    await storage.save("large.bin", large, { metadata: { author: "ada" } });
    await storage.save("a.txt", "hello");
    const urlOf = ({ endpoint }: ServedServer): string =>
      `s3://testkey:testsecret@media?endpoint=${encodeURIComponent(endpoint)}`;
    const env = { FROM_URL: urlOf(s3), TO_URL: urlOf(other) };
    assertMatch(await run(stage, [], env), /^copied a\.txt\ncopied large\.bin$/m);
    const [text, binary] = other.server.objects("media");
    assertEquals([text!.key, text!.contentType], ["a.txt", "text/plain; charset=utf-8"]);
    assertEquals([binary!.bytes, binary!.metadata.author], [large, "ada"]);
    assertEquals((await run(stage, [], env)).includes("copied"), false);
  },

  "Script: space by folder": async (stage) => {
    const { storage } = stage;
    for (const name of ["a/1.txt", "a/b/2.txt", "c/3.txt", "4.txt"]) await storage.save(name, name.repeat(10));
    const output = await run(stage);
    assertMatch(output, /^160 bytes in 2 files: a\n70 bytes in 1 files: c\n50 bytes in 1 files: \.$/m);
  },
};

/** Defines the test of one program. */
async function defineTest(
  page: string,
  title: string,
  runtime: ProgramRuntime,
  act: (stage: Stage) => Promise<void>,
): Promise<void> {
  const reason = await whyMissing(() => commandOf(runtime, ""));
  Deno.test({
    name: `${page}, "${title}": does what it says${reason ? ` (skipped: ${reason})` : ""}`,
    ignore: reason !== undefined,
    fn: async () => {
      let clock: Date | undefined;
      await using s3 = serve({ now: () => clock ?? new Date() });
      const command = await commandOf(runtime, await programOf(page, title));
      const folder = await Deno.makeTempDir({ prefix: "storages-printed-" });
      const started: RunningProgram[] = [];
      try {
        await act({
          s3,
          folder,
          setClock: (now) => clock = now,
          storage: new S3Storage({
            bucketName: "media",
            endpointUrl: s3.endpoint,
            accessKey: "testkey",
            secretKey: "testsecret",
          }),
          start: (args = [], env = {}) => {
            const program = new RunningProgram([...command, ...args], {
              AWS_S3_ENDPOINT_URL: s3.endpoint,
              AWS_S3_REGION_NAME: "us-east-1",
              AWS_ACCESS_KEY_ID: "testkey",
              AWS_SECRET_ACCESS_KEY: "testsecret",
              ...env,
            });
            started.push(program);
            return Promise.resolve(program);
          },
        });
      } finally {
        for (const program of started) await program[Symbol.asyncDispose]();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

for (const [title, act] of Object.entries(SERVICE_CASES)) {
  await defineTest(SERVICES, title, PROGRAM_RUNTIMES.find((name) => title.startsWith(name))!, act);
}
for (const [title, act] of Object.entries(SCRIPT_CASES)) await defineTest(SCRIPTS, title, "Bun", act);

Deno.test("every printed service and script has a case, and each runtime has enough of them", async () => {
  const titles = async (page: string): Promise<string[]> => (await programsOf(page)).map(({ title }) => title).sort();
  const services = await titles(SERVICES);
  assertEquals(services, [...Object.keys(SERVICE_CASES), ...SIGNALLED].sort());
  assertEquals(await titles(SCRIPTS), Object.keys(SCRIPT_CASES).sort());
  const count = (runtime: string): number => services.filter((title) => title.startsWith(runtime)).length;
  assertEquals([count("Deno") >= 6, count("Node") >= 4, Object.keys(SCRIPT_CASES).length >= 6], [true, true, true]);
});

Deno.test("every printed program has less than 40 lines and compiles", async () => {
  const modules: string[] = [];
  for (const page of [SERVICES, SCRIPTS, WORKERS]) {
    for (const { title, code } of await programsOf(page)) {
      const lines = code.trimEnd().split("\n").length;
      assert(lines < 40, `${page}, "${title}": ${lines} lines`);
      const usesBun = /^(?:Bun|Script): /.test(title);
      // In a Bun project the package @types/bun has the types.
      const types = "declare const Bun: any;\n" +
        (code.includes('from "node:process"') ? "" : "declare const process: any;\n");
      modules.push(await writeModule(usesBun ? types + code : code));
    }
  }
  const { code, stderr } = await runDeno(["check", "--quiet", ...modules]);
  assertEquals([code, code === 0 ? "" : stderr], [0, ""]);
});
