import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createS3Server } from "../../src/testing/mod.ts";
import { containerDocument, serveContainer } from "../fakes/container_server.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { metadataDocument, serveMetadata } from "../fakes/metadata_server.ts";
import { startProxy } from "../fakes/proxy_server.ts";
import { lifetime } from "../runtimes/ending.ts";
import { serveSts } from "../fakes/sts_server.ts";
import { readSource } from "./source_files.ts";

const PROBE = "tests/house/permissions_probe.ts";
const ALL_WENT_WELL = "all went well";
const QUESTION = /requests read access/;

interface Probe {
  readonly options: Record<string, unknown>;
  readonly flags?: readonly string[];
  readonly env?: Record<string, string>;
  /** The probe prompts for a permission, and waits for an answer. */
  readonly expectsPrompts?: boolean;
}

/** Runs the probe with these permissions only; on a terminal, Deno would prompt for others. */
async function run(probe: Probe, onTerminal = false): Promise<string> {
  const { options, flags = [], env = {}, expectsPrompts } = probe;
  const args = await withImportMap(["run", ...flags, PROBE, JSON.stringify({ options, expectsPrompts })]);
  const quoted = [Deno.execPath(), ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const child = new Deno.Command(onTerminal ? "script" : Deno.execPath(), {
    args: onTerminal ? ["-qec", quoted, "/dev/null"] : args,
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: lifetime(), // it may prompt for a permission
  }).spawn();
  const errors = new Response(child.stderr).text();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (expectsPrompts && QUESTION.test(output)) child.kill();
  }
  await child.status;
  return output + await errors;
}

/** Runs with a server, and a folder for files. */
async function withPlaces(use: (places: { host: string; folder: string }) => Promise<void>): Promise<void> {
  const { fetch } = createS3Server({ buckets: ["media"], credentials: CREDENTIALS });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => fetch(request));
  const folder = await Deno.makeTempDir({ prefix: "storages-permissions-" });
  try {
    await use({ host: `127.0.0.1:${server.addr.port}`, folder });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
}

const KEYS = { accessKey: "testkey", secretKey: "testsecret" };
/** Credentials of the instance, which the server accepts. */
const ISSUED = metadataDocument("2050-01-01T00:00:00Z") as Record<string, string>;
const CREDENTIALS = [
  { accessKeyId: "testkey", secretAccessKey: "testsecret" },
  { accessKeyId: ISSUED.AccessKeyId!, secretAccessKey: ISSUED.SecretAccessKey!, sessionToken: ISSUED.Token! },
];
const VARIABLES = { AWS_ACCESS_KEY_ID: "testkey", AWS_SECRET_ACCESS_KEY: "testsecret" };

Deno.test("a storage with all options in code only needs net access to its host, and never prompts", () =>
  withPlaces(async ({ host }) => {
    const options = { ...KEYS, bucketName: "media", endpointUrl: `http://${host}` };
    const flags = [`--allow-net=${host}`];
    assertStringIncludes(await run({ options, flags }), ALL_WENT_WELL);
    const onTerminal = await run({ options, flags }, true);
    assertStringIncludes(onTerminal, ALL_WENT_WELL);
    assertEquals(/requests|Allow\?/.test(onTerminal), false, onTerminal);
    assert(/NotCapable|Requires net access/.test(await run({ options })), "without net access it fails");
  }));

Deno.test("a permission prompt would be noticed", () =>
  withPlaces(async ({ host }) => {
    const options = { ...KEYS, bucketName: "media", endpointUrl: `http://${host}` };
    const output = await run({ options, flags: [`--allow-net=${host}`], expectsPrompts: true }, true);
    assert(QUESTION.test(output), output);
  }));

Deno.test("environment variables count as unset without permission", () =>
  withPlaces(async ({ host }) => {
    const env = { ...VARIABLES, AWS_STORAGE_BUCKET_NAME: "media", AWS_S3_ENDPOINT_URL: `http://${host}` };
    const net = `--allow-net=${host}`;
    const allowed = `--allow-env=${Object.keys(env).join(",")}`;
    assertStringIncludes(await run({ options: {}, env, flags: [net, allowed] }), ALL_WENT_WELL);
    assertStringIncludes(await run({ options: {}, env, flags: [net] }), "bucketName is missing");
  }));

Deno.test("profile files need read permission, and their programs run permission", () =>
  withPlaces(async ({ host, folder }) => {
    const printed = JSON.stringify({ Version: 1, AccessKeyId: "testkey", SecretAccessKey: "testsecret" });
    await Deno.writeTextFile(`${folder}/answer.json`, printed);
    await Deno.writeTextFile(`${folder}/program`, `#!/bin/sh\nexec cat '${folder}/answer.json'\n`, { mode: 0o755 });
    await Deno.writeTextFile(
      `${folder}/config`,
      "[default]\naws_access_key_id = testkey\naws_secret_access_key = testsecret\n" +
        `[profile program]\ncredential_process = ${folder}/program\n`,
    );
    const env = { AWS_CONFIG_FILE: `${folder}/config` };
    const base = [`--allow-net=${host}`, "--allow-env=AWS_CONFIG_FILE"];
    const read = `--allow-read=${folder}/config`;
    const options = { bucketName: "media", endpointUrl: `http://${host}` };
    assertStringIncludes(await run({ options, env, flags: [...base, read] }), ALL_WENT_WELL);
    const program = { ...options, sessionProfile: "program" };
    const runs = `--allow-run=${folder}/program`;
    assertStringIncludes(await run({ options: program, env, flags: [...base, read, runs] }), ALL_WENT_WELL);
    assertStringIncludes(await run({ options: program, env, flags: [...base, read] }), "--allow-run");
    assertStringIncludes(await run({ options: program, env, flags: [...base, runs] }), "Unknown profile 'program'");
  }));

Deno.test("a CA bundle needs read permission", () =>
  withPlaces(async ({ host, folder }) => {
    const options = { ...KEYS, bucketName: "media", endpointUrl: `https://${host}`, verify: `${folder}/ca.pem` };
    assertStringIncludes(await run({ options, flags: [`--allow-net=${host}`] }), "--allow-read");
  }));

Deno.test("container credentials need net and read permission", () =>
  withPlaces(async ({ host, folder }) => {
    const keys = { AccessKeyId: "testkey", SecretAccessKey: "testsecret", Token: "" };
    await using service = serveContainer(containerDocument("2099-01-01T00:00:00Z", keys));
    service.authorization = "let me in";
    await Deno.writeTextFile(`${folder}/token`, "let me in");
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.origin}/credentials/task`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${folder}/token`,
    };
    const options = { bucketName: "media", endpointUrl: `http://${host}` };
    const base = `--allow-env=${Object.keys(env).join(",")}`;
    const [net, read] = [`--allow-net=${host},${new URL(service.origin).host}`, `--allow-read=${folder}/token`];
    assertStringIncludes(await run({ options, env, flags: [base, net, read] }), ALL_WENT_WELL);
    assertEquals((await run({ options, env, flags: [base, net] })).includes(ALL_WENT_WELL), false);
    assertEquals(
      (await run({ options, env, flags: [base, `--allow-net=${host}`, read] })).includes(ALL_WENT_WELL),
      false,
    );
  }));

Deno.test("roles, instances and proxies need net permission for their hosts", () =>
  withPlaces(async ({ host, folder }) => {
    await using instance = serveMetadata(ISSUED);
    await using sts = serveSts("2050-01-01T00:00:00Z");
    sts.secrets.set("testkey", "testsecret");
    await using proxy = startProxy();
    const bucket = { bucketName: "media", endpointUrl: `http://${host}` };
    const net = `--allow-net=${host}`;

    const where = { AWS_EC2_METADATA_SERVICE_ENDPOINT: instance.origin, AWS_METADATA_SERVICE_TIMEOUT: "60" };
    const variables = `--allow-env=${Object.keys(where).join(",")}`;
    const metadata = { options: bucket, env: where };
    const reached = await run({ ...metadata, flags: [`${net},${new URL(instance.origin).host}`, variables] });
    assertStringIncludes(reached, ALL_WENT_WELL);
    assertStringIncludes(await run({ ...metadata, flags: [net, variables] }), "No credentials found");

    const config = `${folder}/config`;
    await Deno.writeTextFile(
      config,
      `[profile role]\nrole_arn = arn:aws:iam::1:role/r\nsource_profile = keys\nendpoint_url = ${sts.origin}\n` +
        "[profile keys]\naws_access_key_id = testkey\naws_secret_access_key = testsecret\n",
    );
    const role = { options: { ...bucket, sessionProfile: "role" }, env: { AWS_CONFIG_FILE: config } };
    const files = [`--allow-read=${config}`, "--allow-env=AWS_CONFIG_FILE"];
    await run({ ...role, flags: [...files, `${net},${new URL(sts.origin).host}`] });
    assertEquals(sts.asked.length, 1, "STS was asked");
    await run({ ...role, flags: [...files, net] });
    assertEquals(sts.asked.length, 1, "STS was not asked");

    const proxied = { options: { ...KEYS, ...bucket, proxies: { http: `http://${proxy.host}` } } };
    assertStringIncludes(await run({ ...proxied, flags: [`${net},${proxy.host}`] }), ALL_WENT_WELL);
    assertEquals((await run({ ...proxied, flags: [net] })).includes(ALL_WENT_WELL), false);
  }));

Deno.test("temporary files need read and write permission", () =>
  withPlaces(async ({ host, folder }) => {
    const options = { ...KEYS, bucketName: "media", endpointUrl: `http://${host}`, maxMemorySize: 1024 };
    const env = { TMPDIR: folder };
    const flags = [`--allow-net=${host}`, "--allow-env=TMPDIR"];
    const files = [`--allow-read=${folder}`, `--allow-write=${folder}`];
    assertStringIncludes(await run({ options, env, flags: [...flags, ...files] }), ALL_WENT_WELL);
    assertStringIncludes(await run({ options, env, flags }), "--allow-write");
  }));

Deno.test("the page on permissions lists each permission that is tested here", async () => {
  const page = await readSource("docs/permissions.md");
  for (const flag of ["net", "env", "read", "run", "write"]) assertStringIncludes(page, `\`--allow-${flag}`);
});
