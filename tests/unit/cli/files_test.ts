import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as fs from "node:fs";
import { LocalStorage } from "../../../src/storage/local/local_storage.ts";
import { FOUND, makeLinks } from "../../conformance/link_cases.ts";
import { namesIn, onStage } from "./stage.ts";

Deno.test("ls lists a folder, all its subfolders or one file, and fails if there are no files", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await storage.save("docs/a.txt", "hello");
    await storage.save("docs/deep/b.bin", new Uint8Array(123_456));
    await storage.save("c\n.txt", "x");
    const { code, stdout } = await run(["ls", s3()]);
    assertEquals(code, 0);
    assertMatch(stdout, /^20\d\d-\d\d-\d\d \d\d:\d\d {7}1 B {2}c\\u000a\.txt\n {26} {2}docs\/\n$/);
    assertMatch((await run(["ls", "-r", s3("docs")])).stdout, /5 B {2}docs\/a\.txt\n.*123 kB {2}docs\/deep\/b\.bin\n$/);
    assertMatch((await run(["ls", "--bytes", s3("docs/deep")])).stdout, / 123456 {2}docs\/deep\/b\.bin\n$/);
    assertMatch((await run(["ls", s3("docs/a.txt")])).stdout, /5 B {2}docs\/a\.txt\n$/);
    const json = (await run(["ls", "-r", "--json", s3("docs/")])).stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(json.map(({ kind, name, size }) => [kind, name, size]), [
      ["file", "docs/a.txt", 5],
      ["file", "docs/deep/b.bin", 123_456],
    ]);
    const nothing = await run(["ls", s3("nope")]);
    assertEquals(nothing, { code: 1, stdout: "", stderr: "error: No files found at s3://media/nope\n" });
    await write({ "files/x.txt": "x" });
    assertMatch((await run(["ls", `${folder}/files`])).stdout, /1 B {2}x\.txt\n$/);
  });
});

Deno.test("cp copies a file to S3 and back, with its type, and into folders under the same name", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "a.css": "body {}" });
    const up = await run(["cp", `${folder}/a.css`, s3("styles/"), "--cache-control", "max-age=60"]);
    assertEquals(up.code, 0, up.stderr);
    assertMatch(up.stdout, /^✓ 1 file copied · 7 B in \d+ ms\n$/);
    const { contentType, cacheControl } = await storage.stat("styles/a.css");
    assertEquals([contentType, cacheControl], ["text/css; charset=utf-8", "max-age=60"]);
    for (const target of [`${folder}/new.css`, `${folder}/down/`, folder]) {
      assertEquals((await run(["cp", s3("styles/a.css"), target])).code, 0);
    }
    for (const name of ["new.css", "down/a.css", "a.css"]) {
      assertEquals(await Deno.readTextFile(`${folder}/${name}`), "body {}");
    }
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    assertEquals(names.sort(), ["a.css", "down", "new.css"]);
    for (const place of [s3("nope.css"), `${folder}/no/nope.css`]) {
      const { code, stderr } = await run(["cp", place, `${folder}/x`]);
      assertEquals(code, 1);
      assertMatch(stderr, /^error: Cannot copy (s3:\/\/media|\S+\/no)\/nope\.css: it does not exist\n$/);
    }
    const wrong = await run(["cp", folder, s3("x")]);
    assertEquals(wrong.code, 2);
    assertStringIncludes(wrong.stderr, "it is a folder, add -r");
  });
});

Deno.test("cp copies standard input to a file, and a file to standard output, unchanged", async () => {
  await onStage(async ({ storage, s3, run }) => {
    const bytes = new Uint8Array(300_000).map((_, index) => index * 7);
    const stdin = (): ReadableStream<Uint8Array> => new Blob([bytes]).stream();
    const { code, stdout } = await run(["cp", "-", s3("in.bin")], { stdin });
    assertEquals([code, stdout], [0, ""]);
    assertEquals(await (await storage.open("in.bin", "rb")).bytes(), bytes);
    const chunks: Uint8Array[] = [];
    const out = { write: (chunk: string | Uint8Array) => void chunks.push(chunk as Uint8Array), isTerminal: false };
    assertEquals((await run(["cp", s3("in.bin"), "-"], { stdout: out })).code, 0);
    assertEquals(new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer()), bytes);
    assertStringIncludes((await run(["cp", "-", s3("folder/")], { stdin })).stderr, "add a file name");
    assertEquals((await run(["cp", "-", "-"])).code, 2);
  });
});

Deno.test("cp -r copies folders to S3, from S3 and within S3, and --no-clobber keeps existing files", async () => {
  await onStage(async ({ storage, s3, run, folder, write, requests }) => {
    await write({ "site/a.txt": "a", "site/deep/b.txt": "b", "site/.hidden": "h" });
    assertEquals((await run(["cp", "-r", `${folder}/site`, s3("up")])).code, 0);
    assertEquals(await namesIn(storage), ["up/.hidden", "up/a.txt", "up/deep/b.txt"]);
    assertEquals((await run(["cp", "-r", s3("up"), `${folder}/back`])).code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/back/deep/b.txt`), "b");
    requests.length = 0;
    assertEquals((await run(["cp", "-r", s3("up/"), s3("copy/")])).code, 0);
    assertEquals(requests.filter((line) => /^GET (?!.*(list-type|acl=))/.test(line)), []);
    assertEquals(await namesIn(storage), [
      "copy/.hidden",
      "copy/a.txt",
      "copy/deep/b.txt",
      "up/.hidden",
      "up/a.txt",
      "up/deep/b.txt",
    ]);

    await storage.save("described", "x", { contentType: "text/x-own", metadata: { owner: "ada" } });
    assertEquals((await run(["cp", s3("described"), "s3://testkey:testsecret@other/"])).code, 0);
    const other = await run(["cp", "s3://testkey:testsecret@other/described", s3("again")]);
    assertEquals(other.code, 0, other.stderr);
    const { contentType, metadata } = await storage.stat("again");
    assertEquals([contentType, metadata], ["text/x-own", { owner: "ada" }]);

    await write({ "site/a.txt": "changed", "site/new.txt": "new" });
    const kept = await run(["cp", "-r", "--no-clobber", "-v", `${folder}/site`, s3("up")]);
    assertStringIncludes(kept.stdout, `copy  new.txt → s3://media/up/new.txt`);
    assertMatch(kept.stdout, /✓ 1 file copied, 3 already existing · 3 B in/);
    assertEquals(await (await storage.open("up/a.txt")).text(), "a");
    const dry = await run(["cp", "-r", "--dry-run", `${folder}/site`, s3("dry")]);
    assertEquals(dry.stdout.split("\n").length, 5);
    assert(!(await namesIn(storage)).some((name) => name.startsWith("dry")));
  });
});

Deno.test("cp -r writes no file outside the target folder if keys have '..' segments", async () => {
  await onStage(async ({ storage, s3, run, folder, fetch }) => {
    await storage.save("in/escape.txt", "x");
    await storage.save("in/ok.txt", "x");
    const listing = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      if (!request.url.includes("list-type")) return response;
      return new Response((await response.text()).replace("in/escape.txt", "in/../../escape.txt"), response);
    };
    await Deno.mkdir(`${folder}/target`);
    const { code, stdout, stderr } = await run(["cp", "-r", s3("in"), `${folder}/target`], { fetch: listing });
    assertEquals([code, stderr], [
      1,
      `warning: skipped 1 name that is not a path, such as "in/../../escape.txt"\n`,
    ]);
    assertMatch(stdout, /^1 file copied · 1 B in/);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["target"]);
    assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/target`), ({ name }) => name), ["ok.txt"]);
  });
});

Deno.test("rm removes an object, and rm -r a folder after confirmation", async () => {
  await onStage(async ({ storage, s3, run, folder }) => {
    const fill = async (): Promise<void> => {
      for (const name of ["a.txt", "old/1.txt", "old/2.txt", "older.txt"]) await storage.save(name, "x");
    };
    await fill();
    assertMatch((await run(["rm", s3("a.txt")])).stdout, /^✓ 1 object removed in \d+ ms\n$/);
    assertEquals(await run(["rm", s3("a.txt")]), {
      code: 1,
      stdout: "",
      stderr: "error: Cannot remove s3://media/a.txt: it does not exist\n",
    });
    assertEquals((await run(["rm", "-f", s3("a.txt")])).code, 0);
    assertEquals((await run(["rm", s3("old/")])).code, 2);
    const unanswered = await run(["rm", "-r", s3("old")]);
    assertEquals(unanswered.code, 2);
    assertStringIncludes(
      unanswered.stderr,
      "Remove 2 objects (2 B) from s3://media/old? Not a terminal: pass --yes",
    );
    const questions: string[] = [];
    const answering = (answer: string) => ({
      ask: (question: string): Promise<string> => {
        questions.push(question);
        return Promise.resolve(answer);
      },
    });
    const no = await run(["rm", "-r", s3("old")], answering(""));
    assertEquals([no.code, no.stderr], [1, "error: Nothing was changed.\n"]);
    assertEquals(
      (await run(["rm", "-r", "-n", s3("old")])).stdout,
      "remove  s3://media/old/1.txt\nremove  s3://media/old/2.txt\n",
    );
    assertEquals(await namesIn(storage), ["old/1.txt", "old/2.txt", "older.txt"]);
    assertEquals((await run(["rm", "-r", s3("old")], answering("y"))).code, 0);
    assertEquals(questions.length, 2);
    assertEquals(await namesIn(storage), ["older.txt"]);
    await fill();
    assertEquals((await run(["rm", "-r", "--yes", s3("old/")])).code, 0);
    assertEquals(await namesIn(storage), ["a.txt", "older.txt"]);
    assertStringIncludes((await run(["rm", `${folder}/x`])).stderr, "rm needs a place on S3");
  });
});

Deno.test("url prints URLs for downloads, uploads and a download name", async () => {
  await onStage(async ({ storage, s3, run, fetch, requests, folder }) => {
    await storage.save("a.txt", "hello");
    const url = async (...argv: string[]): Promise<string> => {
      requests.length = 0;
      const { code, stdout, stderr } = await run(["url", ...argv]);
      assertEquals([code, requests], [0, []], stderr);
      return stdout.trim();
    };
    const got = await fetch(new Request(await url(s3("a.txt"), "--expires-in", "7d", "--download", 'r "ü".txt')));
    assertEquals(await got.text(), "hello");
    assertEquals(
      got.headers.get("content-disposition"),
      `attachment; filename="r ___.txt"; filename*=UTF-8''r%20%22%C3%BC%22.txt`,
    );
    const put = await url(s3("b.txt"), "-m", "put", "--content-type", "text/x-own");
    const headers = { "content-type": "text/x-own" };
    const response = await fetch(new Request(put, { method: "PUT", body: "new", headers }));
    await response.body?.cancel();
    assertEquals((await storage.stat("b.txt")).contentType, "text/x-own");
    assertEquals(await url(s3("a b.txt"), "--unsigned"), "https://media.s3.amazonaws.com/a%20b.txt");
    for (
      const [argv, message] of [
        [["--method", "POST"], "--method must be one of GET, HEAD, PUT, DELETE"],
        [["--expires-in", "soon"], "--expires-in must be a duration such as 30d"],
        [["--expires-in", "8d"], "604800"],
        [["--expires-in="], "--expires-in must not be empty"],
      ] as const
    ) assertStringIncludes((await run(["url", s3("a.txt"), ...argv])).stderr, message);
    assertEquals((await run(["url", `${folder}/a`])).code, 2);
  });
});

Deno.test("cp -r reports names that the target does not allow and copies the other files", async () => {
  await onStage(async ({ storage, s3, run, folder }) => {
    for (const name of ["in/a", "in/a/b", "in/.storages/x", "in/z"]) await storage.save(name, name);
    const { code, stdout, stderr } = await run(["cp", "-r", s3("in"), `${folder}/out`]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "cannot be both a file and a folder");
    assertStringIncludes(stderr, "error: '.storages' cannot be a name on disk");
    assertMatch(stdout, /^2 files copied/);
    assertEquals(await Deno.readTextFile(`${folder}/out/z`), "in/z");
  });
});

Deno.test("cp to S3 keeps the content encoding of files that collect has compressed", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "site/a.css": "body { color: red }\n".repeat(100), "site/b.bin": "b" });
    const collected = await run(["collect", `${folder}/site`, "--to", `${folder}/out`, "--precompress", "gzip"]);
    assertEquals(
      collected.stderr.split("\n")[0],
      "warning: only LocalStorage can serve compressed files of a folder: other servers need --siblings",
    );
    assertEquals((await run(["cp", "-r", `${folder}/out`, s3("site")])).code, 0);
    const { contentType, contentEncoding } = await storage.stat("site/a.css");
    assertEquals([contentType, contentEncoding], ["text/css; charset=utf-8", "gzip"]);
    assertEquals((await storage.stat("site/b.bin")).contentEncoding, undefined);
    // The type is guessed from the name of the target.
    assertEquals((await run(["cp", `${folder}/site/b.bin`, s3("b.html")])).code, 0);
    assertEquals((await storage.stat("b.html")).contentType, "text/html; charset=utf-8");
  });
});

Deno.test("cp -r copies the other files if one is deleted meanwhile, and stops if the bucket does not exist", async () => {
  await onStage(async ({ storage, s3, run, folder, write, fetch, requests }) => {
    for (const name of ["in/a", "in/b", "in/c"]) await storage.save(name, "x");
    const removing = async (request: Request): Promise<Response> => {
      if (request.method === "GET" && request.url.includes("/in/b")) await storage.delete("in/b");
      return await fetch(request);
    };
    const { code, stdout, stderr } = await run(["cp", "-r", s3("in"), `${folder}/out`], { fetch: removing });
    assertEquals(code, 1);
    assertMatch(stdout, /^2 files copied/);
    assertMatch(stderr, /^error: .*in\/b/);
    await write(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`many/${index}`, "x"])));
    requests.length = 0;
    const none = await run(["cp", "-r", "--concurrency", "2", `${folder}/many`, "s3://testkey:testsecret@nobucket/x"]);
    assertEquals([none.code, none.stdout], [1, ""]);
    assertMatch(none.stderr, /^error: [^\n]*NoSuchBucket[^\n]*\n$/);
    assert(requests.length < 10, `${requests.length} requests`);
  });
});

Deno.test("cp -r copies the other files if the metadata of one is invalid on S3", async () => {
  await onStage(async ({ storage, s3, run, fetch, requests }) => {
    for (const name of ["in/a", "in/b", "in/c", "in/d"]) await storage.save(name, "x");
    const foreign = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      // Other programs store UTF-8 in headers.
      if (request.url.includes("/in/b")) response.headers.set("content-disposition", 'attachment; filename="\xc3\xa9"');
      return response;
    };
    const argv = ["cp", "-r", "--concurrency", "1", s3("in"), "s3://testkey:testsecret@other/out"];
    const { code, stdout, stderr } = await run(argv, { fetch: foreign });
    assertEquals(code, 1);
    assertMatch(stderr, /^error: Cannot save 'out\/b': contentDisposition must be text in printable ASCII[^\n]*\n$/);
    assertMatch(stdout, /^3 files copied/);
    requests.length = 0;
    const { code: refused, stderr: message } = await run([...argv, "--cache-control", "é"], { fetch: foreign });
    assertEquals([refused, requests], [2, []]);
    assertMatch(message, /^error: Cannot copy: cacheControl must be text in printable ASCII[^\n]*\n {2}See: [^\n]*\n$/);
  });
});

Deno.test("cp -r and ls report names that are reserved for LocalStorage, but not its own files", async () => {
  await onStage(async ({ folder, s3, run, write, storage }) => {
    await write({ "in/a": "x", "in/.Storages-notes/b": "x", "in/sub/.storages.txt": "x", "in/x.storages-more": "x" });
    await write({ "in/.storages/1-2-3.json": "{}", [`in/.storages-${crypto.randomUUID()}`]: "x" });
    const warning = 'warning: skipped 3 names that are reserved for LocalStorage, or are not UTF-8, such as "';
    const { code, stdout, stderr } = await run(["cp", "-r", `${folder}/in`, s3("out")]);
    assertEquals([code, stderr.slice(0, warning.length)], [1, warning]);
    assertMatch(stdout, /^1 file copied/);
    assertEquals(await namesIn(storage), ["out/a"]);
    assertStringIncludes(
      (await run(["ls", `${folder}/in/sub`])).stderr,
      "skipped 1 name that is reserved for LocalStorage",
    );
  });
});

Deno.test("cp -r and collect follow the same links, report the others, and follow all with --follow-links", async () => {
  await onStage(async ({ run, folder, s3, storage }) => {
    makeLinks(fs, folder);
    const site = `${folder}/site`;
    await Deno.remove(`${site}/above`); // a link to the parent of the folder, in which the folder would be found again
    const leftOut = FOUND.inside.leftOut.filter((name) => name !== "above");
    const outside = leftOut.filter((name) => !FOUND.anywhere.leftOut.includes(name));
    for (const [command, to] of [["cp", s3("cp")], ["cp", `${folder}/copy`], ["collect", s3("collect")]] as const) {
      const args = command === "cp" ? ["cp", "-r", site, to] : ["collect", site, "--to", to];
      const names = async (): Promise<string[]> => {
        const place = to.startsWith("s3:") ? storage : new LocalStorage(to);
        const all = await Array.fromAsync(place.list(to.startsWith("s3:") ? command : "", { recursive: true }));
        return all.map(({ name }) => to.startsWith("s3:") ? name.slice(command.length + 1) : name);
      };
      const { code, stdout, stderr } = await run(args);
      assertEquals([code, await names()], [0, FOUND.inside.names], stderr);
      assertStringIncludes(stdout, "7 links skipped");
      for (const name of leftOut) assertStringIncludes(stderr, name);
      if (command === "cp") {
        const quoted = outside.map((name) => `"${name}"`).join(", ");
        const advice = "lead out of the folder (--follow-links follows them)";
        assertStringIncludes(stderr, `warning: skipped 5 links that ${advice}: ${quoted}\n`);
        assertStringIncludes(stderr, 'warning: skipped 2 links without a target: "dangling", "self"\n');
      } else {
        for (const name of outside) {
          assertStringIncludes(stderr, `${site}/${name} is a link that leads out of that folder, and is skipped\n`);
        }
      }
      const all = await run([...args, "--follow-links"]);
      assertEquals([all.code, await names()], [0, FOUND.anywhere.names], all.stderr);
      assertStringIncludes(all.stdout, "2 links skipped");
    }
    const json = JSON.parse((await run(["collect", site, "--to", s3("json"), "--json"])).stdout);
    assertEquals(json.omitted.sort(), leftOut);
    const { code, stderr } = await run(["ls", "-r", site]);
    assertEquals(code, 0);
    assertMatch(stderr, /skipped \d+ links that are not followed: /);
  });
});

Deno.test("cp -r --follow-links copies a link to the target once", async () => {
  await onStage(async ({ run, folder, write }) => {
    await write({ "from/a.txt": "a", "to/b.txt": "b" });
    await Deno.symlink("../to", `${folder}/from/link`);
    const { code, stderr } = await run(["cp", "-r", "--follow-links", `${folder}/from`, `${folder}/to`]);
    assertEquals(code, 0, stderr);
    const names = await Array.fromAsync(new LocalStorage(`${folder}/to`).list("", { recursive: true }));
    assertEquals(names.map(({ name }) => name), ["a.txt", "b.txt", "link/b.txt"]);
  });
});
