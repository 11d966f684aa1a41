/** Commands that remove or replace files change exactly the named ones. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn, onStage, type Stage } from "./stage.ts";

/** Adds an object to listings that does not exist. */
function listing(fetch: Stage["fetch"], key: string): Stage["fetch"] {
  return async (request) => {
    const response = await fetch(request);
    if (!request.url.includes("list-type")) return response;
    const more = `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
      `<ETag>"0"</ETag><Size>0</Size></Contents></ListBucketResult>`;
    return new Response((await response.text()).replace("</ListBucketResult>", more), response);
  };
}

Deno.test("rm -r removes the objects in a folder, and no names with the same prefix", async () => {
  await onStage(async ({ storage, s3, run }) => {
    for (const name of ["a/b", "a/b/1", "a/b/c/2", "a/bc", "a/b.txt"]) await storage.save(name, "x");
    assertMatch((await run(["rm", "-r", "-y", s3("a/b/")])).stdout, /^✓ 2 objects removed/);
    assertEquals(await namesIn(storage), ["a/b", "a/b.txt", "a/bc"]); // the slash means the folder only
    // The name is a file now.
    assertEquals((await run(["rm", "-r", "-n", s3("a/b")])).stdout, "remove  s3://media/a/b\n");
    assertMatch((await run(["rm", "-r", "-y", s3("a/b")])).stdout, /^✓ 1 object removed/);
    assertEquals(await namesIn(storage), ["a/b.txt", "a/bc"]);
    const gone = await run(["rm", "-r", "-y", s3("a/b")]);
    assertEquals([gone.code, gone.stdout, gone.stderr], [
      1,
      "",
      "error: Cannot remove s3://media/a/b: it does not exist\n",
    ]);
    assertEquals((await run(["rm", "-r", "-f", "-y", s3("a/b/")])).code, 0);
    assertEquals(
      (await run(["rm", "-r", "-y", s3("a/b/")])).stderr,
      "error: Cannot remove s3://media/a/b/: it has no objects\n",
    );
  });
});

Deno.test("rm -r of a whole bucket asks, and removes nothing without a terminal", async () => {
  await onStage(async ({ storage, s3, run }) => {
    await storage.save("a/1", "x");
    await storage.save("b", "x");
    const { code, stdout, stderr } = await run(["rm", "-r", s3()]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "Remove 2 objects (2 B) from s3://media/? Not a terminal: pass --yes");
    assertEquals((await run(["rm", "--yes", s3()])).code, 2); // a folder needs -r
    for (const typo of ["--dryrun", "--dry-run=yes", "--recursive=no", "--Yes"]) {
      assertEquals((await run(["rm", "-r", "--yes", typo, s3()])).code, 2, typo);
    }
    assertEquals((await run(["rm", "-r", "--yes", "--dry-run", s3()])).stdout.split("\n").length, 3);
    assertEquals((await namesIn(storage)).length, 2);
  });
});

Deno.test("every command refuses keys that a storage would normalize to other keys", async () => {
  await onStage(async ({ storage, s3, run, requests }) => {
    await storage.save("a/b", "x");
    requests.length = 0;
    for (const key of ["a//b", "a%5Cb", ".", "./", "a/./b", "a/../a/b", "a//", "a/..", ".."]) {
      for (
        const argv of [["rm"], ["rm", "-r", "-y"], ["ls"], ["url"], ["check"], ["policy"], ["cp", "-r", "."], [
          "cp",
          "-",
        ]]
      ) {
        const { code, stdout, stderr } = await run([...argv, s3(key)]);
        assertEquals([code, stdout], [2, ""], `${argv} ${key}: ${stderr}`);
        assertStringIncludes(stderr, `Invalid key "${decodeURIComponent(key)}": keys must not begin with '/'`);
      }
    }
    assertEquals(requests, []);
    for (const argv of [["ls", ""], ["cp", "-r", ".", ""], ["cp", "", s3("x")]]) {
      assertStringIncludes((await run(argv)).stderr, "An argument must not be empty");
    }
  });
});

Deno.test("rm reports failures and removes the remaining places", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    for (const name of ["a", "b", "c/1", "c/2"]) await storage.save(name, "x");
    const { code, stdout, stderr } = await run(["rm", s3("a"), s3("ada%40example.org"), s3("b")]);
    assertEquals([code, stderr], [1, "error: Cannot remove s3://media/ada@example.org: it does not exist\n"]);
    assertMatch(stdout, /^2 objects removed in/);
    assertEquals(await namesIn(storage), ["c/1", "c/2"]);

    const denying = (request: Request): Promise<Response> => {
      const isRefused = request.method === "POST" || (request.method === "DELETE" && request.url.includes("c/2"));
      const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
      return isRefused ? Promise.resolve(new Response(body, { status: 403 })) : fetch(request);
    };
    const partly = await run(["rm", "-r", "-y", s3("c")], { fetch: denying });
    assertEquals([partly.code, partly.stdout], [1, ""]);
    assertMatch(partly.stderr, /^error: Cannot remove all of 2 objects: .*Access ?Denied/);
  });
});

Deno.test("rm -r removes nothing if the listing fails", async () => {
  await onStage(async ({ storage, s3, run, fetch, requests }) => {
    for (let index = 0; index < 1002; index++) await storage.save(`many/${index}`, "");
    const breaking = (request: Request): Promise<Response> =>
      request.url.includes("continuation-token")
        ? Promise.resolve(new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 }))
        : fetch(request);
    requests.length = 0;
    const { code, stdout, stderr } = await run(["rm", "-r", "-y", s3("many")], { fetch: breaking });
    assertEquals([code, stdout, requests.length], [1, "", 1]);
    assertStringIncludes(stderr, "error: ");
    assertEquals((await namesIn(storage)).length, 1002);
    assertEquals((await run(["rm", "-r", "-y", s3("many")])).code, 0);
    assertEquals(await namesIn(storage), []);
  });
});

Deno.test("rm -r also removes folder markers, and reports keys that are not paths", async () => {
  await onStage(async (stage) => {
    const { storage, s3, run, fetch } = stage;
    const mark = async (name: string): Promise<void> => {
      const response = await fetch(
        new Request(await storage.url(name, { method: "PUT" }), { method: "PUT", body: "" }),
      );
      assertEquals(response.status, 200);
      await response.body?.cancel();
    };
    for (const name of ["f/", "f/g/"]) await mark(name);
    assertEquals((await run(["rm", "-r", "-n", s3("f")])).stdout, "remove  s3://media/f/\nremove  s3://media/f/g/\n");
    assertMatch((await run(["rm", "-r", "-y", s3("f")])).stdout, /^✓ 2 objects removed/);
    assertEquals((await run(["ls", s3("f/")])).code, 1);

    await storage.save("f/a", "x");
    const odd = { fetch: listing(fetch, "f//b") };
    const warning = `warning: skipped 1 name that is not a path, such as "f//b"\n`;
    assertEquals((await run(["ls", "-r", s3("f")], odd)).stderr, warning);
    const copied = await run(["cp", "-r", s3("f"), s3("g")], odd);
    assertEquals([copied.code, copied.stderr], [1, warning]);
    const removed = await run(["rm", "-r", "-y", s3("f")], odd);
    assertEquals([removed.code, removed.stderr], [
      1,
      `${warning}error: Removed 1 object from s3://media/f, but not the names that were skipped\n`,
    ]);
    assertEquals(await namesIn(storage), ["g/a"]);
  });
});

Deno.test("cp of a file to itself keeps its content, on S3 and on disk", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await storage.save("a.css", "on S3", { metadata: { owner: "ada" } });
    await write({ "a.css": "on disk" });
    for (const place of [s3("a.css"), `${folder}/a.css`]) {
      assertEquals((await run(["cp", place, place])).code, 0);
    }
    assertEquals((await run(["cp", s3("a.css"), s3("a.css"), "--cache-control", "no-cache"])).code, 0);
    assertEquals((await run(["cp", "-r", s3(), s3(), "--cache-control", "no-store"])).code, 0);
    const { cacheControl, metadata, contentType } = await storage.stat("a.css");
    assertEquals([cacheControl, metadata, contentType], ["no-store", { owner: "ada" }, "text/css; charset=utf-8"]);
    assertEquals(await (await storage.open("a.css")).text(), "on S3");
    assertEquals(await Deno.readTextFile(`${folder}/a.css`), "on disk");
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["a.css"]);
  });
});

Deno.test("cp -r refuses a target inside the source", async () => {
  await onStage(async ({ storage, s3, run, folder, write, requests }) => {
    await storage.save("a/1", "x");
    await write({ "site/a.txt": "x" });
    await Deno.symlink(`${folder}/site`, `${folder}/link`);
    requests.length = 0;
    for (
      const [from, to] of [
        [s3("a"), s3("a/copy")],
        [s3(), s3("backup")],
        [`${folder}/site`, `${folder}/site/copy`],
        [`${folder}/site`, `${folder}/link/deep/copy`],
      ] as const
    ) {
      const { code, stderr } = await run(["cp", "-r", from, to]);
      assertEquals(code, 2);
      assertMatch(stderr, /^error: Cannot copy \S+ to \S+: the target is inside the source\n/);
    }
    assertEquals(requests, []);
    assertEquals((await run(["cp", "-r", s3("a"), s3("ab")])).code, 0);
    assertEquals((await run(["cp", "-r", `${folder}/site`, `${folder}/site2`])).code, 0);
    assertEquals(await namesIn(storage), ["a/1", "ab/1"]);
  });
});

Deno.test("dry runs of cp, rm and collect write nothing, and --no-clobber also applies to standard input", async () => {
  await onStage(async ({ storage, s3, run, folder, write, requests }) => {
    await storage.save("a/1", "old");
    await write({ "site/a.txt": "x" });
    requests.length = 0;
    const stdin = (): ReadableStream<Uint8Array> => new Blob(["new"]).stream();
    for (
      const argv of [
        ["cp", "-n", "-", s3("new")],
        ["cp", "-n", `${folder}/site/a.txt`, s3("new")],
        ["cp", "-n", "-r", `${folder}/site`, s3("new")],
        ["cp", "-n", s3("a/1"), `${folder}/new`],
        ["cp", "-n", "-r", s3("a"), `${folder}/new`],
        ["rm", "-n", s3("a/1")],
        ["rm", "-n", "-r", s3("a")],
        ["collect", "-n", `${folder}/site`, "--to", s3("a"), "--clear", "--manifest"],
        ["collect", "-n", `${folder}/site`, "--to", s3("a"), "--delete"],
        ["collect", "-n", `${folder}/site`, "--to", `${folder}/new`],
      ]
    ) {
      const { code, stdout, stderr } = await run(argv, { stdin });
      assertEquals(code, 0, stderr);
      assert(stdout !== "", argv.join(" "));
    }
    assertEquals(requests.filter((line) => !/^(GET|HEAD) /.test(line)), []);
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["site"]);
    assertEquals((await run(["cp", "-n", s3("a/1"), "-"])).code, 2);

    const kept = await run(["cp", "--no-clobber", "-", s3("a/1")], { stdin });
    assertEquals([kept.code, kept.stderr], [0, "Skipped s3://media/a/1: it already exists\n"]);
    assertEquals(await (await storage.open("a/1")).text(), "old");
  });
});

Deno.test("collect --delete and --clear refuse a source inside the target, and an empty source", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "site/public/a.css": "a{}", "site/main.ts": "x", "none/.hidden": "x" });
    await Deno.symlink(`${folder}/site`, `${folder}/link`);
    await storage.save("a.css", "x");
    for (const option of ["--delete", "--clear"]) {
      for (const to of [`${folder}/site`, `${folder}/link`, folder]) {
        const { code, stderr } = await run(["collect", `${folder}/site/public`, "--to", to, option, "--yes"]);
        assertEquals(code, 2);
        assertStringIncludes(stderr, `${option} would remove `);
      }
      const { code, stdout, stderr } = await run(["collect", `${folder}/none`, "--to", s3(), option, "--yes"]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(
        stderr,
        `Cannot collect: no files found in ${folder}/none, so the whole site would be deleted`,
      );
    }
    const linked = await run(["collect", `${folder}/site`, "--to", `${folder}/link/static`]);
    assertEquals(linked.code, 2);
    assertStringIncludes(linked.stderr, "the target is inside the source");
    assertEquals(await namesIn(storage), ["a.css"]);
    assertEquals((await run(["collect", `${folder}/site/public`, "--to", `${folder}/site`])).code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/site/a.css`), "a{}");
  });
});

Deno.test("cp reads pipes, and refuses other special files", async () => {
  await onStage(async ({ storage, s3, run, folder }) => {
    assert((await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output()).success);
    const writing = Deno.writeTextFile(`${folder}/pipe`, "through the pipe");
    const { code, stderr } = await run(["cp", `${folder}/pipe`, s3("piped.txt")]);
    await writing;
    assertEquals(code, 0, stderr);
    assertEquals(await (await storage.open("piped.txt")).text(), "through the pipe");
    const device = await run(["cp", s3("piped.txt"), "/dev/null"]);
    assertEquals(device.code, 2);
    assertStringIncludes(device.stderr, "Cannot open /dev/null: it is neither a file nor a folder");
    await Deno.writeTextFile(`${folder}/x\\y`, "x");
    const odd = await run(["cp", `${folder}/x\\y`, s3("x")]);
    assertEquals(odd.code, 2);
    assertStringIncludes(odd.stderr, "the name must not have a backslash");
    const left = await run(["cp", "-r", folder, s3("all")]);
    assertEquals([left.code, left.stderr], [
      1,
      `warning: skipped 1 name that is not a path, such as "x\\y"\nerror: Cannot copy ${folder}: it has no files\n`,
    ]);
  });
});

Deno.test("cp within a bucket copies on the server, with the settings of the target", async () => {
  await onStage(async ({ storage, s3, run, requests }) => {
    await storage.save("a", "x", { metadata: { owner: "ada" } });
    requests.length = 0;
    const sent: (string | null)[] = [];
    assertEquals((await run(["cp", s3("a"), s3("b", "?acl=public-read")])).code, 0);
    assertEquals(requests.map((line) => line.split(" ")[0]), ["HEAD", "HEAD", "PUT"]);
    assertEquals((await storage.stat("b")).metadata, { owner: "ada" });
    const acl = await run(["cp", s3("a"), s3("c", "?acl=public-read")], {
      fetch: (request) => {
        if (request.method === "PUT") sent.push(request.headers.get("x-amz-acl"));
        return Promise.resolve(
          new Response("<CopyObjectResult/>", { headers: { "content-length": "1", etag: '"e"' } }),
        );
      },
    });
    assertEquals(sent, ["public-read"], acl.stderr);
  });
});
