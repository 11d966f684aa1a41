/** Commands, output and parts of programs that the pages print in blocks that `deno test --doc` does not run. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { deleteOrphans, type OrphanOptions } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { lifetime } from "../runtimes/ending.ts";
import { blocksOf } from "./code_blocks.ts";
import { filesIn, readConfig, writeScratch } from "./source_files.ts";
import { UNRUN_COMMANDS } from "./unrun_blocks.ts";

/** The pages with commands. */
const PAGES = ["README.md", "CONTRIBUTING.md", "docs/cli.md", "docs/permissions.md", "src/cli/mod.ts"];

/** What commands of the command line begin with. */
const PROGRAM = /^(?:deno run -A jsr:@storages\/s3\/cli|(?:node|bun) node_modules\/@storages\/s3\/src\/cli\/mod\.js) /;

/** Commands of deno, with or without npx. */
const TASK = /^(?:npx --yes deno@2|deno) task ([\w:]+)/;

/** Commands that tests/clients/first_upload_test.ts runs. */
const FIRST_UPLOAD = /^(?:export AWS_|(?:deno run --allow-net --allow-env|bun|node) first_upload\.mjs$)/;

const KEYS = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "secret" };

/** The blocks of one language. */
async function printed(page: string, kind: string): Promise<string[]> {
  return (await blocksOf(page)).filter((block) => block.kind === kind).map(({ code }) => code);
}

/** The printed commands, without comments. */
async function commands(): Promise<string[]> {
  const blocks = (await Promise.all(PAGES.map((page) => printed(page, "sh")))).flat();
  const lines = blocks.flatMap((code) => code.split("\n")).flatMap((line) => line.replace(/\s+#.*$/, "").split(" && "));
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** Runs a module of the repository, or the command line, in a folder with a site, with a server and its keys. */
async function runOnServer(
  module: string,
  argv: readonly string[],
  isDenied: (request: Request) => boolean = () => false,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const server = createS3Server({ buckets: ["media"], region: "eu-west-1", credentials: [KEYS] });
  await new S3Storage({
    bucketName: "media",
    regionName: "eu-west-1",
    accessKey: KEYS.accessKeyId,
    secretKey: KEYS.secretAccessKey,
    fetch: server.fetch,
  }).save("static/a.txt", "hello");
  await using http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (!isDenied(request)) return server.fetch(request);
    const body = request.method === "HEAD" ? null : "<Error><Code>AccessDenied</Code></Error>";
    return new Response(body, { status: 403 });
  });
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/public`);
    await Deno.writeTextFile(`${folder}/public/index.html`, "<h1>Hello</h1>");
    const config = `--config=${decodeURIComponent(new URL("deno.json", ROOT).pathname)}`;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: await withImportMap(["run", "-A", config, new URL(module, ROOT).href, ...argv]),
      cwd: folder,
      stdin: "null",
      env: {
        NO_COLOR: "1",
        AWS_S3_ENDPOINT_URL: `http://127.0.0.1:${http.addr.port}`,
        AWS_S3_REGION_NAME: "eu-west-1",
        AWS_STORAGE_BUCKET_NAME: "media",
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: "true",
      },
      signal: lifetime(),
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every printed command of the command line runs", async () => {
  const lines = (await commands()).filter((line) => PROGRAM.test(line));
  const [manifest] = await printed("docs/cli.md", "json");
  lines.push(JSON.parse(manifest!).scripts.collect);
  assert(lines.length > 5, lines.join("\n"));
  const calls = new Set(lines.map((line) => line.replace(PROGRAM, "")));
  for (const call of calls) {
    const { code, stderr } = await runOnServer("src/cli/mod.ts", call.split(" "));
    assertEquals([call, code, code === 0 ? "" : stderr], [call, 0, ""]);
  }
});

Deno.test("every printed task exists", async () => {
  const { tasks } = await readConfig() as unknown as { tasks: Record<string, unknown> };
  const named = (await commands()).flatMap((line) => TASK.exec(line)?.[1] ?? []);
  assert(named.length > 4, named.join());
  assertEquals(named.filter((name) => !(name in tasks)), []);
});

Deno.test("every printed command is one that a test checks, or is listed with a reason", async () => {
  const others = (await commands()).filter((line) => ![PROGRAM, TASK, FIRST_UPLOAD].some((known) => known.test(line)));
  assertEquals(others.filter((line) => !UNRUN_COMMANDS.some(({ begins }) => line.startsWith(begins))), []);
});

Deno.test("the printed output of check is that of check", async () => {
  const [prompt, ...expected] = (await printed("docs/cli.md", "text"))[0]!.trimEnd().split("\n");
  const call = prompt!.replace("$ storages-s3 ", "").split(" ");
  const { stdout, stderr } = await runOnServer(
    "src/cli/mod.ts",
    call,
    ({ method, url }) => method === "HEAD" || (method === "GET" && !new URL(url).searchParams.has("list-type")),
  );
  const [heading, ...errors] = stderr.trimEnd().split("\n");
  const place = heading!.replace(/ at 127\.0\.0\.1:\d+ /, " at eu-west-1 ");
  assertEquals([place, ...stdout.trimEnd().split("\n"), ...errors], expected);
});

Deno.test("the program for users of django-storages stores its file", async () => {
  const [code] = await printed("docs/coming_from_django_storages.md", "ts ignore");
  const text = `import { S3Storage } from "@storages/s3";\n${code}\nconsole.log(name, await storage.readText(name));\n`;
  const { stdout, stderr } = await runOnServer(await writeScratch("django_program.ts", text), []);
  assertEquals([stdout, stdout === "" ? stderr : ""], ["a.txt hello\n", ""]);
});

Deno.test("the printed query for deleteOrphans keeps the files of rows, and deletes others", async () => {
  const code = (await printed("docs/records.md", "ts ignore")).find((block) => block.startsWith("referenced:"))!;
  const rows = [{ avatar: "avatars/7.png" }];
  const sql = (text: TemplateStringsArray, names?: readonly string[]): Promise<typeof rows> =>
    Promise.resolve(text.join("").includes("any(") ? rows.filter(({ avatar }) => names!.includes(avatar)) : rows);
  const { referenced } = new Function("sql", `return { ${code} };`)(sql) as Pick<OrphanOptions, "referenced">;
  const storage = new MemoryStorage({ now: () => new Date("2026-11-20") });
  for (const name of ["avatars/7.png", "avatars/8.png"]) await storage.save(name, "…");
  assertEquals(await deleteOrphans(storage, { folder: "avatars", referenced }), ["avatars/8.png"]);
});

Deno.test("the error message in the rules is that of the call", async () => {
  const [message] = await printed("CONTRIBUTING.md", "text");
  const storage = new S3Storage({ bucketName: "media", accessKey: "id", secretKey: "secret", regionName: "eu-west-1" });
  const error = assertThrows(() => storage.urlSync("a.txt", { expiresIn: 0 }), RangeError);
  assertEquals(error.message, message!.trim());
});

Deno.test("the printed CORS rules have the names of S3's API", async () => {
  const [rules] = await printed("docs/browser_uploads.md", "json");
  const known = ["AllowedOrigins", "AllowedMethods", "AllowedHeaders", "ExposeHeaders", "MaxAgeSeconds"];
  for (const rule of JSON.parse(rules!)) assertEquals(Object.keys(rule), known);
});

Deno.test("the folders that the architecture lists exist", async () => {
  const [tree] = await printed("ARCHITECTURE.md", "");
  const files = await filesIn("");
  const named = tree!.split("\n").flatMap((line) => /^(\S+)/.exec(line)?.[1] ?? []);
  assert(named.length > 15, named.join());
  assertEquals(named.filter((path) => !files.some((file) => file === path || file.startsWith(path))), []);
});
