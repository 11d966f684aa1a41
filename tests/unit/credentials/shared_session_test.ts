import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { credentialsFromSettings } from "../../../src/credentials/from_settings.ts";
import type { RefreshableProvider } from "../../../src/aws/credentials.ts";
import { sharedSession, VARIABLES } from "../../../src/credentials/shared_session.ts";
import { getObject, headObject, putObject } from "../../../src/client/operations/objects.ts";
import { S3Client } from "../../../src/client/s3_client.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import type { EnvironmentSnapshot } from "../../../src/runtime/environment.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { originOf, resolveSettings, type Settings } from "../../../src/settings/resolve.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { getUnencoded } from "../../../src/transfer/read/encoded_object.ts";
import { publishedSources, readSource } from "../../house/source_files.ts";

/** Returns a snapshot of variables, with or without a list of all. */
function snapshot(variables: Readonly<Record<string, string>>, isListed = true): EnvironmentSnapshot {
  const read = (name: string): string | undefined => variables[name];
  return isListed ? Object.assign(read, { variables }) : read;
}

const settingsOf = (environment: EnvironmentSnapshot, options: S3StorageOptions = {}): Settings =>
  resolveSettings([{ bucketName: "media", ...options }], { environment });

const sessionOf = async (
  environment: EnvironmentSnapshot,
  options?: S3StorageOptions,
): Promise<RefreshableProvider> => {
  const settings = settingsOf(environment, options);
  return await sharedSession(settings, originOf(settings));
};

/** Runs with a home folder that holds these files. */
async function atHome(
  files: Readonly<Record<string, string>>,
  run: (home: string, write: (name: string, text: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  const write = (name: string, text: string): Promise<void> => Deno.writeTextFile(`${home}/.aws/${name}`, text);
  try {
    await Deno.mkdir(`${home}/.aws`);
    for (const [name, text] of Object.entries(files)) await write(name, text);
    await run(home, write);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const profile = (name: string, more = ""): string =>
  `[${name}]\naws_access_key_id = ${name}\naws_secret_access_key = hunter2\n${more}`;

for (const isListed of [true, false]) {
  Deno.test(`sharedSession() shares a session only if everything is equal (variables listed: ${isListed})`, () =>
    atHome({ credentials: profile("default") + profile("work") }, async (HOME, write) => {
      const base = { HOME, AWS_DEFAULT_REGION: "eu-west-1" };
      const first = await sessionOf(snapshot(base, isListed));
      assertStrictEquals(await sessionOf(snapshot({ ...base }, isListed), { location: "x" }), first);
      for (const options of [{ regionName: "eu-west-2" }, { sessionProfile: "work" }, { endpointUrl: "http://a" }]) {
        assertEquals(await sessionOf(snapshot(base, isListed), options) === first, false);
      }
      for (const name of VARIABLES) {
        const changed = { ...base, [name]: name.includes("PROFILE") ? "work" : name === "HOME" ? `${HOME}/` : "true" };
        // Keys in variables are settings, which have no session.
        if (/ACCESS_KEY|_TOKEN$/.test(name) || name === "AWS_ENDPOINT_URL") continue;
        assertEquals(await sessionOf(snapshot(changed, isListed)) === first, false, name);
      }
      if (isListed) assertEquals(await sessionOf(snapshot({ ...base, TOOL: "x" })) === first, false);
      await write("credentials", profile("default"));
      assertEquals(await sessionOf(snapshot(base, isListed)) === first, false);
    }));
}

Deno.test("VARIABLES has every variable that providers and profile files use", async () => {
  const names = new Set<string>();
  for (const path of await publishedSources()) {
    if (!/^src\/(credentials\/|settings\/profile)/.test(path)) continue;
    for (const [name] of (await readSource(path)).matchAll(/\b(AWS_[A-Z\d_]*[A-Z\d]|HOME|USERPROFILE)\b(?!_)/g)) {
      names.add(name);
    }
  }
  // Names that a template completes, and names that only messages mention.
  assertEquals([...names].filter((name) => !VARIABLES.includes(name)), []);
});

Deno.test("sharedSession() uses the environment of the settings, whatever has changed since", () =>
  atHome({ credentials: profile("default") + profile("work") }, async (home) => {
    const variables: Record<string, string> = { HOME: home };
    const of = (environment: Record<string, string>): RefreshableProvider =>
      credentialsFromSettings(settingsOf(snapshot({ ...environment })));
    const first = of(variables);
    variables.AWS_PROFILE = "work";
    const second = of(variables);
    delete variables.AWS_PROFILE;
    variables.HOME = "/nowhere";
    assertEquals([(await second()).accessKeyId, (await first()).accessKeyId], ["work", "default"]);
  }));

Deno.test("sharedSession() reads a changed file, and refuses a profile with a changed endpoint", () =>
  atHome(
    { config: "[default]\nendpoint_url = http://127.0.0.1:1\n", credentials: profile("default") },
    async (HOME, write) => {
      const fromProfile = credentialsFromSettings(settingsOf(snapshot({ HOME })));
      const fromCode = credentialsFromSettings(settingsOf(snapshot({ HOME }), { endpointUrl: "http://127.0.0.1:3" }));
      await write("credentials", profile("default").replace("= default", "= rotated"));
      assertEquals((await fromProfile()).accessKeyId, "rotated");
      fromProfile.refused!(await fromProfile());
      await write("config", "[default]\nendpoint_url = http://127.0.0.1:2\n");
      await write("credentials", profile("default").replace("= default", "= another"));
      await assertRejects(
        async () => await fromProfile(),
        ConfigurationError,
        "endpoint_url of the profile has changed",
      );
      assertEquals((await fromCode()).accessKeyId, "another");
      assertEquals((await credentialsFromSettings(settingsOf(snapshot({ HOME })))()).accessKeyId, "another");
    },
  ));

Deno.test("sharedSession() refuses a profile whose endpoint was removed, and uses no other source", () =>
  atHome({ config: profile("default", "endpoint_url = http://127.0.0.1:1\n") }, async (HOME, write) => {
    const variables = {
      HOME,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1:9/never",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const provider = credentialsFromSettings(settingsOf(snapshot(variables)));
    await write("config", "");
    await assertRejects(async () => await provider(), ConfigurationError, "endpoint_url of the profile has changed");
  }));

for (const method of ["PUT", "GET", "HEAD"] as const) {
  Deno.test(`keys that were rotated in their file are read again when a service no longer knows them: ${method}`, () =>
    atHome({ credentials: profile("default") }, async (HOME, write) => {
      const credentials = ["default", "rotated"].map((accessKeyId) => ({ accessKeyId, secretAccessKey: "hunter2" }));
      const servers = credentials.map((known) => createS3Server({ buckets: ["media"], credentials: [known] }));
      let now = 0;
      const make = (options: S3StorageOptions): S3Client => {
        const settings = settingsOf(snapshot({ HOME, AWS_EC2_METADATA_DISABLED: "true" }), {
          endpointUrl: "http://127.0.0.1:9",
          fetch: (request) => servers[now]!.fetch(request),
          ...options,
        });
        return new S3Client(settings, credentialsFromSettings(settings));
      };
      const client = make({});
      const target = { bucket: "media", key: "a.txt" };
      const put = { ...target, body: new Uint8Array(1), headers: {} };
      const send = async (): Promise<unknown> => {
        if (method === "HEAD") return await headObject(client, target);
        if (method === "GET") return await (await getObject(client, target, getUnencoded)).body.cancel();
        return await putObject(client, put);
      };
      await putObject(make({ accessKey: "default", secretKey: "hunter2" }), put);
      await send();
      now = 1;
      await putObject(make({ accessKey: "rotated", secretKey: "hunter2" }), put);
      await write("credentials", profile("default").replace("= default", "= rotated"));
      await send();
      const refused = servers[1]!.requests.filter(({ status }) => status === 403);
      assertEquals([servers[1]!.requests.length, refused.length], [3, 1]);
    }));
}

Deno.test("sharedSession() uses the current environment for copied settings", () =>
  atHome({ credentials: profile("work") }, async (HOME) => {
    const before = Deno.env.get("HOME");
    Deno.env.set("HOME", HOME);
    try {
      const copy = { ...settingsOf(snapshot({ HOME }), { sessionProfile: "work" }) };
      assertEquals((await credentialsFromSettings(copy)()).accessKeyId, "work");
    } finally {
      if (before !== undefined) Deno.env.set("HOME", before);
    }
  }));
