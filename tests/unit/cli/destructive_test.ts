/** What removes or replaces: that it does so with what was named, with all of that and with nothing else. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn, onStage, type Stage } from "./stage.ts";

/** Lists one object more than there are. */
function listing(fetch: Stage["fetch"], key: string): Stage["fetch"] {
  return async (request) => {
    const response = await fetch(request);
    if (!request.url.includes("list-type")) return response;
    const more = `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>` +
      `<ETag>"0"</ETag><Size>0</Size></Contents></ListBucketResult>`;
    return new Response((await response.text()).replace("</ListBucketResult>", more), response);
  };
}

Deno.test("rm -r removes what is in the folder of that name, and no name that only begins so", async () => {
  await onStage(async ({ storage, s3, run }) => {
    for (const name of ["a/b", "a/b/1", "a/b/c/2", "a/bc", "a/b.txt"]) await storage.save(name, "x");
    assertMatch((await run(["rm", "-r", "-y", s3("a/b")])).stdout, /^✓ 2 objects removed/);
    assertEquals(await namesIn(storage), ["a/b", "a/b.txt", "a/bc"]);
    // Now it is a file.
    assertEquals((await run(["rm", "-r", "-n", s3("a/b")])).stdout, "remove  s3://media/a/b\n");
    assertMatch((await run(["rm", "-r", "-y", s3("a/b")])).stdout, /^✓ 1 object removed/);
    assertEquals(await namesIn(storage), ["a/b.txt", "a/bc"]);
    const gone = await run(["rm", "-r", "-y", s3("a/b")]);
    assertEquals([gone.code, gone.stdout, gone.stderr], [1, "", "error: There is no s3://media/a/b\n"]);
    assertEquals((await run(["rm", "-r", "-f", "-y", s3("a/b/")])).code, 0);
    assertEquals((await run(["rm", "-r", "-y", s3("a/b/")])).stderr, "error: There is nothing in s3://media/a/b/\n");
  });
});

Deno.test("rm -r of a whole bucket asks, and does nothing where nobody answers", async () => {
  await onStage(async ({ storage, s3, run }) => {
    await storage.save("a/1", "x");
    await storage.save("b", "x");
    const { code, stdout, stderr } = await run(["rm", "-r", s3()]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, "Remove 2 objects (2 B) from s3://media/? Nobody is here to answer: add --yes");
    assertEquals((await run(["rm", "--yes", s3()])).code, 2); // a folder needs -r
    for (const typo of ["--dryrun", "--dry-run=yes", "--recursive=no", "--Yes"]) {
      assertEquals((await run(["rm", "-r", "--yes", typo, s3()])).code, 2, typo);
    }
    assertEquals((await run(["rm", "-r", "--yes", "--dry-run", s3()])).stdout.split("\n").length, 3);
    assertEquals((await namesIn(storage)).length, 2);
  });
});

Deno.test("a key that is no path is refused: it would be taken for another", async () => {
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
        assertStringIncludes(stderr, "is no path: names on S3 have single slashes");
      }
    }
    assertEquals(requests, []);
    for (const argv of [["ls", ""], ["cp", "-r", ".", ""], ["cp", "", s3("x")]]) {
      assertStringIncludes((await run(argv)).stderr, "A place must not be empty");
    }
  });
});

Deno.test("rm goes on with the other places, and says which it could not remove", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    for (const name of ["a", "b", "c/1", "c/2"]) await storage.save(name, "x");
    const { code, stdout, stderr } = await run(["rm", s3("a"), s3("ada%40example.org"), s3("b")]);
    assertEquals([code, stderr], [1, "error: There is no s3://media/ada@example.org\n"]);
    assertMatch(stdout, /^2 objects removed in/);
    assertEquals(await namesIn(storage), ["c/1", "c/2"]);

    const denying = (request: Request): Promise<Response> => {
      const isRefused = request.method === "POST" || (request.method === "DELETE" && request.url.includes("c/2"));
      const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
      return isRefused ? Promise.resolve(new Response(body, { status: 403 })) : fetch(request);
    };
    const partly = await run(["rm", "-r", "-y", s3("c")], { fetch: denying });
    assertEquals([partly.code, partly.stdout], [1, ""]);
    assertMatch(partly.stderr, /^error: Not all of 2 objects could be removed: .*Access ?Denied/);
  });
});

Deno.test("rm -r removes nothing where the listing breaks off", async () => {
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

Deno.test("rm -r removes the marks of folders too, and tells of keys that it cannot name", async () => {
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
    const warning = `warning: 1 name left out that is no path, such as "f//b"\n`;
    assertEquals((await run(["ls", "-r", s3("f")], odd)).stderr, warning);
    const copied = await run(["cp", "-r", s3("f"), s3("g")], odd);
    assertEquals([copied.code, copied.stderr], [1, warning]);
    const removed = await run(["rm", "-r", "-y", s3("f")], odd);
    assertEquals([removed.code, removed.stderr], [
      1,
      `${warning}error: 1 object removed, but not all that is in s3://media/f\n`,
    ]);
    assertEquals(await namesIn(storage), ["g/a"]);
  });
});

Deno.test("cp onto itself loses nothing, on S3 and on disk", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await storage.save("a.css", "on S3", { metadata: { owner: "ada" } });
    await write({ "a.css": "on disk" });
    for (const place of [s3("a.css"), `${folder}/a.css`]) {
      assertEquals((await run(["cp", place, place])).code, 0);
    }
    assertEquals((await run(["cp", s3("a.css"), s3("a.css"), "--cache-control", "no-cache"])).code, 0);
    assertEquals((await run(["cp", "-r", s3(), s3(), "--cache-control", "no-store"])).code, 0);
    const { cacheControl, metadata, contentType } = await storage.stat("a.css");
    assertEquals([cacheControl, metadata, contentType], ["no-store", { owner: "ada" }, "text/css"]);
    assertEquals(await (await storage.open("a.css")).text(), "on S3");
    assertEquals(await Deno.readTextFile(`${folder}/a.css`), "on disk");
    assertEquals(await Array.fromAsync(Deno.readDir(folder), ({ name }) => name), ["a.css"]);
  });
});

Deno.test("cp -r copies no folder into itself", async () => {
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
      assertMatch(stderr, /^error: \S+ is in \S+ itself\n/);
    }
    assertEquals(requests, []);
    assertEquals((await run(["cp", "-r", s3("a"), s3("ab")])).code, 0);
    assertEquals((await run(["cp", "-r", `${folder}/site`, `${folder}/site2`])).code, 0);
    assertEquals(await namesIn(storage), ["a/1", "ab/1"]);
  });
});

Deno.test("a dry run of cp, rm and collect writes nothing, and --no-clobber is for standard input too", async () => {
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
    assertEquals([kept.code, kept.stderr], [0, "s3://media/a/1 is left alone\n"]);
    assertEquals(await (await storage.open("a/1")).text(), "old");
  });
});

Deno.test("collect --delete and --clear remove neither their own source nor all there is for want of one", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "site/public/a.css": "a{}", "site/main.ts": "x", "none/.hidden": "x" });
    await Deno.symlink(`${folder}/site`, `${folder}/link`);
    await storage.save("a.css", "x");
    for (const option of ["--delete", "--clear"]) {
      for (const to of [`${folder}/site`, `${folder}/link`, folder]) {
        const { code, stderr } = await run(["collect", `${folder}/site/public`, "--to", to, option, "--yes"]);
        assertEquals(code, 2);
        assertStringIncludes(stderr, `: ${option} would remove it`);
      }
      const { code, stdout, stderr } = await run(["collect", `${folder}/none`, "--to", s3(), option, "--yes"]);
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(
        stderr,
        `Cannot collect: no files found in ${folder}/none, so the whole site would be removed`,
      );
    }
    const linked = await run(["collect", `${folder}/site`, "--to", `${folder}/link/static`]);
    assertEquals(linked.code, 2);
    assertStringIncludes(linked.stderr, "would be collected itself");
    assertEquals(await namesIn(storage), ["a.css"]);
    assertEquals((await run(["collect", `${folder}/site/public`, "--to", `${folder}/site`])).code, 0);
    assertEquals(await Deno.readTextFile(`${folder}/site/a.css`), "a{}");
  });
});

Deno.test("cp reads what the shell gives as a pipe, and takes no other special file for a file", async () => {
  await onStage(async ({ storage, s3, run, folder }) => {
    assert((await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output()).success);
    const writing = Deno.writeTextFile(`${folder}/pipe`, "through the pipe");
    const { code, stderr } = await run(["cp", `${folder}/pipe`, s3("piped.txt")]);
    await writing;
    assertEquals(code, 0, stderr);
    assertEquals(await (await storage.open("piped.txt")).text(), "through the pipe");
    const device = await run(["cp", s3("piped.txt"), "/dev/null"]);
    assertEquals(device.code, 2);
    assertStringIncludes(device.stderr, "/dev/null is neither a file nor a folder");
    await Deno.writeTextFile(`${folder}/x\\y`, "x");
    const odd = await run(["cp", `${folder}/x\\y`, s3("x")]);
    assertEquals(odd.code, 2);
    assertStringIncludes(odd.stderr, "has a backslash in its name");
    const left = await run(["cp", "-r", folder, s3("all")]);
    assertEquals([left.code, left.stderr], [
      1,
      `warning: 1 name left out that is no path, such as "x\\y"\nerror: There is nothing in ${folder} to copy\n`,
    ]);
  });
});

Deno.test("cp within a bucket copies by the settings of the place that it copies to", async () => {
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
        return Promise.resolve(new Response("<CopyObjectResult/>", { headers: { "content-length": "1" } }));
      },
    });
    assertEquals(sent, ["public-read"], acl.stderr);
  });
});
