/** The command line with Ceph RGW: files are copied there and back, and printed policies allow exactly their features. */
import { AwsV4Signer } from "aws4fetch";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { run } from "../../src/cli/mod.ts";
import { assumeRole } from "../../src/credentials/sts/assume_role.ts";
import type { Credentials } from "../../src/aws/credentials.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { recorded } from "../unit/cli/stage.ts";

const BUCKET = "commands";

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function command(...argv: string[]): Promise<Outcome> {
  const { io, text } = recorded();
  const code = await run(argv, { ...io, ask: undefined, env: {} });
  return { code, ...text };
}

/** A place in the bucket with the given credentials. */
function placeOf(
  { endpoint }: RgwServer,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): (key?: string) => string {
  return (key = ""): string => {
    const query = new URLSearchParams({ endpoint, region: "us-east-1", style: "path" });
    if (sessionToken !== undefined) query.set("securityToken", sessionToken);
    const keys = `${encodeURIComponent(accessKeyId)}:${encodeURIComponent(secretAccessKey)}`;
    return `s3://${keys}@${BUCKET}/${key}?${String(query).replaceAll("+", "%20")}`;
  };
}

async function signed(
  { endpoint, accessKey, secretKey }: RgwServer,
  service: "s3" | "iam",
  request: { readonly method: string; readonly path: string; readonly body?: string },
): Promise<void> {
  const { method, url, headers, body } = await new AwsV4Signer({
    accessKeyId: accessKey,
    secretAccessKey: secretKey,
    method: request.method,
    url: `${endpoint}${request.path}`,
    ...(service === "iam" ? { headers: { "content-type": "application/x-www-form-urlencoded" } } : {}),
    ...(request.body === undefined ? {} : { body: request.body }),
    service,
    region: "us-east-1",
  }).sign();
  const response = await fetch(url, { method, headers, body: (body ?? null) as string | null });
  const said = await response.text();
  assert(response.ok, `${request.method} ${request.path}: ${response.status} ${said}`);
}

/** A role with all permissions, for sessions with a restricting policy. */
async function makeRole(server: RgwServer): Promise<void> {
  const policy = (statement: Record<string, unknown>): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
  const iam = (parameters: Record<string, string>): Promise<void> =>
    signed(server, "iam", {
      method: "POST",
      path: "/",
      body: String(new URLSearchParams({ ...parameters, Version: "2010-05-08" })),
    });
  const trust = policy({ Principal: { AWS: ["arn:aws:iam:::user/test"] }, Action: ["sts:AssumeRole"] });
  await iam({ Action: "CreateRole", RoleName: "commands", Path: "/", AssumeRolePolicyDocument: trust });
  const all = policy({ Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] });
  await iam({ Action: "PutRolePolicy", RoleName: "commands", PolicyName: "all", PolicyDocument: all });
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `the command line works on Ceph RGW${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const gateway = server as RgwServer;
    const { endpoint, accessKey, secretKey } = gateway;
    const folder = await Deno.makeTempDir({ prefix: "storages-cli-" });
    const owner = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const s3 = placeOf(gateway, owner);
    /** Credentials of a session with a policy. */
    const session = async (policy: string): Promise<Credentials> => {
      const world = {
        environment: (name: string) => name === "AWS_ENDPOINT_URL_STS" ? endpoint : undefined,
        readTextFile: () => Promise.resolve(""),
        fetch: (request: Request) => fetch(request),
        now: () => new Date(),
      };
      return await assumeRole({
        roleArn: "arn:aws:iam:::role/commands",
        source: () => owner,
        context: world,
        policy,
      })();
    };
    const policyFor = async (place: string, ...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await command("policy", place, ...argv);
      assertEquals(code, 0, stderr);
      return JSON.stringify(JSON.parse(stdout)); // STS accepts at most 2048 characters
    };
    const checked = async (place: string, ...argv: string[]): Promise<{ code: number; missing: string[] }> => {
      const { code, stdout, stderr } = await command("check", place, "--json", ...argv);
      return { code, missing: stdout === "" ? [stderr] : JSON.parse(stdout).missing };
    };
    try {
      await signed(gateway, "s3", { method: "PUT", path: `/${BUCKET}` });
      await makeRole(gateway);

      await context.step("cp, ls and rm copy, list and remove files", async () => {
        const large = new Uint8Array(20_000_000).map((_, index) => index * 31 + (index >>> 8));
        await Deno.mkdir(`${folder}/up/deep`, { recursive: true });
        await Deno.writeFile(`${folder}/up/large.bin`, large);
        await Deno.writeTextFile(`${folder}/up/deep/ü b.txt`, "hello");
        const up = await command("cp", "-r", `${folder}/up`, s3("files"));
        assertEquals(up.code, 0, up.stderr);
        assertMatch(
          (await command("ls", "-r", s3("files"))).stdout,
          /5 B {2}files\/deep\/ü b\.txt\n.*20 MB {2}files\/large\.bin\n$/,
        );
        assertEquals((await command("cp", "-r", s3("files/"), s3("copies/"))).code, 0);
        const down = await command("cp", "-r", s3("copies"), `${folder}/down`);
        assertEquals(down.code, 0, down.stderr);
        assertEquals(await Deno.readFile(`${folder}/down/large.bin`), large);
        assertEquals(await Deno.readTextFile(`${folder}/down/deep/ü b.txt`), "hello");
        assertMatch((await command("rm", "-r", "--yes", s3("copies"))).stdout, /✓ 2 objects removed/);
        assertEquals((await command("ls", s3("copies"))).code, 1);
        const url = (await command("url", s3("files/deep/ü b.txt"))).stdout.trim();
        assertEquals(await (await fetch(url)).text(), "hello");
      });

      await context.step(
        "rm -r removes folder markers, and cp and rm skip keys that are not paths",
        async () => {
          for (const key of ["marked/", "marked/deep/", "marked/a.txt", "marked//odd.txt"]) {
            await signed(gateway, "s3", { method: "PUT", path: `/${BUCKET}/${key}` });
          }
          const warning = 'warning: skipped 1 name that is not a path, such as "marked//odd.txt"\n';
          const listed = await command("ls", "-r", s3("marked"));
          assertEquals([listed.code, listed.stderr, listed.stdout.split("\n").length], [0, warning, 2]);
          const copied = await command("cp", "-r", s3("marked"), `${folder}/marked`);
          assertEquals([copied.code, copied.stderr], [1, warning]);
          const removed = await command("rm", "-r", "-y", s3("marked"));
          assertEquals(removed.code, 1);
          assertEquals(
            removed.stderr,
            `${warning}error: Removed 3 objects from s3://${BUCKET}/marked, but not the names that were skipped\n`,
          );
          await signed(gateway, "s3", { method: "DELETE", path: `/${BUCKET}/marked//odd.txt` });
          assertEquals((await command("ls", s3("marked"))).code, 1);
        },
      );

      await context.step("check succeeds for the owner", async () => {
        assertEquals(await checked(s3()), { code: 0, missing: [] });
        assertEquals(await checked(s3("files"), "--read-only"), { code: 0, missing: [] });
      });

      await context.step("the policy for a folder allows everything in it and nothing outside", async () => {
        const mine = placeOf(gateway, await session(await policyFor(s3("static"))));
        assertEquals(await checked(mine("static")), { code: 0, missing: [] });
        await Deno.writeTextFile(`${folder}/a.txt`, "a");
        assertEquals((await command("cp", `${folder}/a.txt`, mine("static/a.txt"))).code, 0);
        assertEquals((await command("cp", "-r", `${folder}/up`, mine("static/up"))).code, 0);
        assertMatch((await command("ls", mine("static/"))).stdout, /static\/a\.txt\n.*static\/up\/\n$/);
        const removed = await command("rm", "-r", "-y", mine("static/up"));
        assertEquals(removed.code, 0, removed.stderr);
        assertEquals((await command("ls", mine("static/up"))).code, 1);
        for (
          const argv of [
            ["ls", mine("files/")],
            ["ls", mine()],
            ["cp", mine("files/large.bin"), `${folder}/large.bin`],
            ["cp", `${folder}/a.txt`, mine("files/a.txt")],
            ["rm", mine("files/large.bin")],
          ]
        ) {
          const { code, stderr } = await command(...argv);
          assertEquals(code, 1, argv.join(" "));
          assertMatch(stderr, /AccessDenied|status 403/);
          assertStringIncludes(stderr, "`check` finds the missing permission");
        }
      });

      await context.step(
        "collect needs only the policy of its folder",
        async () => {
          await Deno.mkdir(`${folder}/site`);
          await Deno.writeTextFile(`${folder}/site/a.css`, "body { color: red }");
          for (const name of ["1.txt", "2.txt"]) await Deno.writeTextFile(`${folder}/site/${name}`, name);
          const policy = await policyFor(s3("site"));
          const mine = placeOf(gateway, await session(policy));
          const collect = (to: string, ...argv: string[]) =>
            command("collect", `${folder}/site`, "--to", to, "--manifest", ...argv);
          const first = await collect(mine("site"));
          assertMatch(first.stdout, /✓ 3 files stored, 0 unchanged, 3 hashed copies/, first.stderr);
          assertMatch((await collect(mine("site"))).stdout, /✓ 0 files stored, 3 unchanged/);
          for (const name of ["1.txt", "2.txt"]) await Deno.remove(`${folder}/site/${name}`);
          // RGW checks DeleteObjects against the whole bucket.
          const removed = await collect(mine("site"), "--delete");
          assertMatch(removed.stdout, /✓ 0 files stored, 1 unchanged, 0 hashed copies, 2 removed/, removed.stderr);
        },
      );

      await context.step("without a feature in the policy, check reports exactly its permissions", async () => {
        for (
          const [features, missing] of [
            ["read,write,delete", ["s3:ListBucket"]],
            ["list,write,delete", ["s3:GetObject"]],
            ["list,read,delete", ["s3:PutObject"]],
            ["list,read,write", ["s3:DeleteObject"]],
          ] as const
        ) {
          const mine = placeOf(gateway, await session(await policyFor(s3("static"), "--for", features)));
          assertEquals(await checked(mine("static")), { code: 1, missing: [...missing] }, features);
        }
        const mine = placeOf(gateway, await session(await policyFor(s3("static"), "--read-only")));
        assertEquals(await checked(mine("static"), "--read-only"), { code: 0, missing: [] });
        assertEquals(await checked(mine("static")), { code: 1, missing: ["s3:PutObject"] });
      });

      await context.step("a bucket policy allows another user", async () => {
        const other = placeOf(gateway, { accessKeyId: `${accessKey}2`, secretAccessKey: `${secretKey}2` });
        assertEquals((await checked(other("static"))).missing.includes("s3:ListBucket"), true);
        const policy = await policyFor(s3("static"), "--principal", "arn:aws:iam:::user/test2");
        await signed(gateway, "s3", { method: "PUT", path: `/${BUCKET}?policy`, body: policy });
        assertEquals(await checked(other("static")), { code: 0, missing: [] });
        assertEquals((await command("ls", other("files/"))).code, 1);
        assertEquals((await command("cp", "-r", `${folder}/up`, other("static/up"))).code, 0);
        const removed = await command("rm", "-r", "-y", other("static/up"));
        assertEquals(removed.code, 0, removed.stderr);
      });

      await context.step("check leaves an object only if it could not delete it", async () => {
        const { stdout } = await command("ls", "-r", s3());
        assertEquals(stdout.match(/storages-check-/g)?.length, 1); // of the check with the policy without delete
      });
    } finally {
      await gateway.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
