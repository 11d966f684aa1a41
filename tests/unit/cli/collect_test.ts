import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn, onStage } from "./stage.ts";

const SITE = { "public/css/a.css": "body { background: url(a.png) }", "public/css/a.png": "png\n", "public/.git": "x" };

Deno.test("collect stores changed files only", async () => {
  await onStage(async ({ storage, s3, run, folder, write, requests }) => {
    await write(SITE);
    const argv = ["collect", `${folder}/public`, "--to", s3("static")];
    const first = await run(argv);
    assertEquals([first.code, first.stderr], [0, `Collecting ${folder}/public → s3://media/static/\n`]);
    assertMatch(first.stdout, /^✓ 2 files stored, 0 unchanged · 35 B in (\d+ ms|\d+\.\d s)\n$/);
    assertEquals(await namesIn(storage), ["static/css/a.css", "static/css/a.png"]);
    requests.length = 0;
    assertMatch((await run(argv)).stdout, /^✓ 0 files stored, 2 unchanged · 0 B in/);
    assertEquals(requests.map((line) => line.split(" ")[0]), ["GET"]);
    await write({ "public/css/a.css": "body { color: red; }           " });
    assertMatch((await run([...argv, "-v"])).stdout, /^store  {4}31 B {2}css\/a\.css\n✓ 1 file stored, 1 unchanged/);
  });
});

Deno.test("collect --manifest stores hashed copies, whose names --dry-run prints", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write(SITE);
    const argv = ["collect", `${folder}/public`, "--to", s3("static/"), "--manifest"];
    const dry = await run([...argv, "--dry-run"]);
    assertEquals(await namesIn(storage), []);
    const lines = dry.stdout.trimEnd().split("\n");
    assertMatch(
      lines.pop()!,
      /^2 files to store, 0 unchanged, 2 hashed copies · \d+ B in \d+ ms\. Nothing was changed\.$/,
    );
    const shown = lines.map((line) => line.replace(/^store +\d+ B {2}/, "static/")).sort();
    const real = await run([...argv, "--manifest-version", "1.0"]);
    assertMatch(real.stdout, /^✓ 2 files stored, 0 unchanged, 2 hashed copies/);
    assertEquals((await namesIn(storage)).sort(), shown);
    const manifest = JSON.parse(await (await storage.open("static/staticfiles.json")).text());
    assertEquals([manifest.version, manifest.paths["css/a.png"]], ["1.0", "css/a.eab3b89c707d.png"]);
  });
});

Deno.test("collect reports file, line and target of a missing reference, and stores nothing", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "public/a.css": "\nbody { background: url(gone.png) }" });
    const argv = ["collect", `${folder}/public`, "--to", s3(), "--manifest"];
    const { code, stderr } = await run(argv);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `a.css:2 refers to "gone.png", but 'gone.png' does not exist`);
    assertEquals(await namesIn(storage), []);
    const warned = await run([...argv, "--allow-missing"]);
    assertEquals(warned.code, 0);
    assertStringIncludes(warned.stderr, "warning: a.css:2 refers to");
  });
});

Deno.test("collect --clear asks with the number of files, and --delete removes files without a source", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write(SITE);
    await storage.save("static/old.txt", "x");
    await storage.save("elsewhere.txt", "x");
    const argv = ["collect", `${folder}/public`, "--to", s3("static"), "--clear"];
    const question = "Store 2 files in s3://media/static/ and remove 1 other?";
    const unanswered = await run(argv);
    assertEquals(unanswered.code, 2);
    assertStringIncludes(unanswered.stderr, `${question} Not a terminal: pass --yes`);
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => Promise.resolve(asked.push(question) === 1 ? "n" : "Yes");
    assertEquals((await run(argv, { ask })).code, 1);
    assertEquals(asked, [`${question} [y/N] `]);
    assertEquals(await namesIn(storage), ["elsewhere.txt", "static/old.txt"]);
    assertMatch((await run(argv, { ask })).stdout, /✓ 2 files stored, 0 unchanged, 1 removed/);
    assertEquals(await namesIn(storage), ["elsewhere.txt", "static/css/a.css", "static/css/a.png"]);
    assertMatch((await run([...argv, "--no-input"])).stdout, /✓ 2 files stored, 0 unchanged ·/);

    await Deno.remove(`${folder}/public/css/a.css`);
    const dry = await run(["collect", `${folder}/public`, "--to", s3("static"), "--delete", "-n"]);
    assertStringIncludes(dry.stdout, "remove          css/a.css\n0 files to store, 1 unchanged, 1 to remove");
    await run(["collect", `${folder}/public`, "--to", s3("static"), "--delete"]);
    assertEquals(await namesIn(storage), ["elsewhere.txt", "static/css/a.png"]);
  });
});

Deno.test("collect --json prints the summary, on a dry run with all names", async () => {
  await onStage(async ({ s3, run, folder, write }) => {
    await write(SITE);
    const argv = ["collect", `${folder}/public`, "--to", s3(), "--json", "--ignore", "*.png"];
    const dry = JSON.parse((await run([...argv, "-n"])).stdout);
    assertEquals([dry.dryRun, dry.copied, dry.stored.sort(), dry.removed], [true, 2, [".git", "css/a.css"], []]);
    const { elapsedMilliseconds, ...real } = JSON.parse((await run(argv)).stdout);
    assert(elapsedMilliseconds >= 0);
    assertEquals(real, {
      dryRun: false,
      copied: 2,
      unmodified: 0,
      postProcessed: 0,
      deleted: 0,
      bytesUploaded: 32,
      changed: [],
      omitted: [],
      warnings: [],
    });
  });
});

Deno.test("collect --invalidate sends the changed paths only", async () => {
  await onStage(async ({ s3, run, folder, write, fetch }) => {
    await write({ ...SITE, "public/a b.txt": "first", "public/50%?#.txt": "first" });
    const bodies: string[] = [];
    let status = 201;
    const answering = async (request: Request): Promise<Response> => {
      if (!request.url.startsWith("https://cloudfront.amazonaws.com/")) return await fetch(request);
      bodies.push(await request.text());
      return new Response("<Invalidation><Id>I123</Id><Status>InProgress</Status></Invalidation>", { status });
    };
    const argv = ["collect", `${folder}/public`, "--to", s3("static"), "--invalidate", "EDFDVBD6EXAMPLE"];
    assertEquals((await run(argv, { fetch: answering })).code, 0);
    assertEquals(bodies, []); // the target was empty before
    await write({ "public/a b.txt": "second", "public/50%?#.txt": "second" });
    const { code, stderr } = await run(argv, { fetch: answering });
    assertEquals([code, bodies.length], [0, 1]);
    assertStringIncludes(bodies[0]!, "<Path>/static/a%20b.txt</Path>");
    assertStringIncludes(bodies[0]!, "<Path>/static/50%25%3F%23.txt</Path>");
    assertStringIncludes(stderr, "Invalidating 2 paths in CloudFront: invalidation I123");
    await write(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`public/many/${index}`, "1"])));
    await run(argv, { fetch: answering });
    await write(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`public/many/${index}`, "2"])));
    await run(argv, { fetch: answering });
    assertEquals(bodies[1]!.match(/<Path>.*<\/Path>/)![0], "<Path>/static/*</Path>");
    status = 403;
    await write({ "public/a b.txt": "third" });
    const refused = await run(argv, { fetch: answering });
    assertEquals(refused.code, 1);
    assertStringIncludes(
      refused.stderr,
      "error: The files were stored, but the CloudFront invalidation failed: ",
    );
    assertMatch(refused.stdout, /✓ 1 file stored/);
  });
});

Deno.test("collect --precompress compresses text, on S3 and on disk", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "public/a.css": "body { color: red }\n".repeat(100), "public/a.png": "x".repeat(2000) });
    assertEquals((await run(["collect", `${folder}/public`, "--to", s3(), "--precompress", "br,gzip"])).code, 0);
    assertEquals((await storage.stat("a.css")).contentEncoding, "br");
    assertEquals((await storage.stat("a.png")).contentEncoding, undefined);
    const to = `${folder}/static`;
    await run(["collect", `${folder}/public`, "--to", to, "--precompress", "gzip", "--siblings", "--manifest"]);
    const names = (await Array.fromAsync(Deno.readDir(to), ({ name }) => name)).filter((name) => !name.startsWith("."));
    const shown = names.map((name) => name.replace(/\.[0-9a-f]{12}\./, ".HASH.")).sort();
    assertEquals(shown, [
      "a.HASH.css",
      "a.HASH.css.gz",
      "a.HASH.png",
      "a.css",
      "a.css.gz",
      "a.png",
      "staticfiles.json",
    ]);
    assertMatch(
      (await run(["collect", `${folder}/public`, "--to", to, "--precompress", "gzip", "--siblings"])).stdout,
      /0 files stored, 2 unchanged/,
    );
  });
});

Deno.test("commands use the bucket and the location of the AWS_* variables", async () => {
  const variables = {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_LOCATION: "env/static",
    AWS_S3_ACCESS_KEY_ID: "testkey",
    AWS_S3_SECRET_ACCESS_KEY: "testsecret",
  };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await onStage(async ({ storage, run, folder, write }) => {
      await write(SITE);
      const { code, stderr } = await run(["collect", `${folder}/public`]);
      assertEquals(code, 0);
      assertStringIncludes(stderr, "→ s3://media/env/static/");
      assertEquals(await namesIn(storage), ["env/static/css/a.css", "env/static/css/a.png"]);
      assertMatch((await run(["ls"])).stdout, /css\/\n$/);
      assertEquals((await run(["cp", "s3:css/a.png", `${folder}/b.png`])).code, 0);
      assertEquals((await run(["rm", "s3:css/a.png"])).code, 0);
      assertEquals(await namesIn(storage), ["env/static/css/a.css"]);
    });
  } finally {
    for (const name of Object.keys(variables)) Deno.env.delete(name);
  }
});

Deno.test("collect refuses invalid arguments with one line that says what is right", async () => {
  await onStage(async ({ s3, run, folder, write }) => {
    await write(SITE);
    const from = `${folder}/public`;
    for (
      const [argv, code, message] of [
        [[], 2, "Missing argument: collect takes FOLDER..."],
        [[from, "--to", `${from}/static`], 2, "the target is inside the source"],
        [[from, "--to", folder, "--delete"], 2, "--delete would remove"],
        [[from, "--to", folder, "--clear", "--yes"], 2, "--clear would remove"],
        [[from, "--to", "gs://media"], 2, "--to must be s3://bucket/prefix or a folder"],
        [[from, "--normalization", "nfc"], 2, '--normalization must be one of NFC, NFD, NFKC, NFKD, got "nfc"'],
        [[from, "--concurrency", "0"], 2, "--concurrency must be an integer from 1 to 1000, got"],
        [[from, "--manifest", "--prune", "soon"], 2, "--prune must be a duration such as 30d"],
        [[from, "--manifest", "--prune", "99999999999999999d"], 2, "--prune must be a duration such as 30d"],
        [[from, "--prune", "30d"], 2, "--prune can only be used with --manifest"],
        [[from, "--precompress", ""], 2, "--precompress must not be empty"],
        [[from, "--precompress", "zip"], 2, `got "zip"`],
        [[from, "--siblings"], 2, "--siblings can only be used with --precompress"],
        [[from, "--static-url", "/static/"], 2, "--static-url can only be used with --manifest"],
        [[from, "--manifest", "--manifest-version", "2"], 2, "--manifest-version must be 1.0 or 1.1"],
        [[from, "--clear", "--delete"], 2, "--clear cannot be combined with --delete"],
        [[from, "--clean"], 2, "Unknown option '--clean'"],
        [[from, "--to", `${folder}/x`, "--invalidate", "E1"], 2, "--invalidate needs a target on S3"],
        [[`${folder}/nope`], 1, `Folder does not exist: ${folder}/nope`],
        [[from, "--to", "s3://nobucket:"], 2, "percent-encoded"],
        [[from, "--to", s3("a", "?nope=1")], 2, "nope"],
      ] as const
    ) {
      const outcome = await run(["collect", ...argv, ...(argv.includes("--to" as never) ? [] : ["--to", s3()])]);
      assertEquals([outcome.code, outcome.stdout], [code, ""], outcome.stderr);
      assertStringIncludes(outcome.stderr, `error: `);
      assertStringIncludes(outcome.stderr, message);
      assert(!outcome.stderr.includes("testsecret") && !outcome.stderr.includes("    at "), outcome.stderr);
    }
  });
});
