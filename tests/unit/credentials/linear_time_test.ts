/** What credentials and settings make of 100 KB that were written to keep a regular expression busy. */
import { assert } from "@std/assert";
import process from "node:process";
import { checkRole } from "../../../src/credentials/sts/assume_role.ts";
import { containerCredentials } from "../../../src/credentials/endpoints/container.ts";
import { instanceMetadataCredentials } from "../../../src/credentials/endpoints/instance_metadata.ts";
import { readExpiration } from "../../../src/credentials/expiration.ts";
import { callSts } from "../../../src/credentials/sts/sts.ts";
import { parseIni } from "../../../src/settings/profile/ini.ts";
import { splitShellWords } from "../../../src/credentials/profile/shell_words.ts";
import { readCaBundle } from "../../../src/runtime/transport/ca_bundle.ts";
import { parseAccessPoint } from "../../../src/aws/access_point.ts";
import { checkBucketName, checkEndpointUrl } from "../../../src/settings/checks.ts";
import { readProfile } from "../../../src/settings/profile/profile.ts";
import { profileSettings } from "../../../src/settings/profile/profile_settings.ts";
import { realRegion } from "../../../src/aws/region.ts";
import { world } from "./world.ts";

const LENGTH = 100_000;
const LIMIT_MILLISECONDS = 50;

/** A prefix, a repeated part and a suffix. */
type Text = readonly [start: string, repeated: string, end?: string];

const profileOf = (text: string): unknown => {
  const environment = (name: string): string | undefined => name === "HOME" ? "/users/ada" : undefined;
  const profile = readProfile({ environment, readTextFile: (path) => path.endsWith("config") ? text : undefined });
  return profile && profileSettings(profile, environment);
};

const answered = async (text: string): Promise<unknown> => {
  const context = { ...world(), fetch: () => Promise.resolve(new Response(text.slice(0, 65_000), { status: 400 })) };
  return await callSts({ context, endpointUrl: "http://127.0.0.1" }, "AssumeRoleWithWebIdentity", {});
};

const READERS: Record<string, readonly [read: (text: string) => unknown, ...texts: Text[]]> = {
  parseIni: [
    parseIni,
    ["", "["],
    ["[a", "]", "x"],
    ["[", "a]", "x"],
    ["[a]", " ", "x"],
    ["[a]\nx=", '"'],
    ["[a]\nx=", "'\""],
    ['[a]\nx="', "#", "'"],
    ["[a]\nx=", " #"],
    ["[a]\nx=1\n ", "y\n "],
    ["[a]\nx =\n ", "y=1\n "],
    ["", "\n"],
    ["", "\r"],
    ["[a]\n", "#\n"],
  ],
  "splitShellWords of POSIX": [
    splitShellWords,
    ['"', "\\", "x"],
    ['"', '\\"'],
    ["", "'\\'\""],
    ["", "\"'"],
    ["", "\\"],
    ["", " a"],
    ["'", '"'],
  ],
  "splitShellWords of Windows": [
    (line) => splitShellWords(line, true),
    ["", "\\", "x"],
    ["", '\\"'],
    ['"', "\\", '"'],
    ["", '"\\'],
    ["", " a"],
  ],
  "the names of profiles": [
    profileOf,
    ["[profile ", "a", " b]"],
    ["[profile ", '"', "]"],
    ["[profile ", "'a", "]"],
    ["[", "a", "]"],
    ["[a", " ", 'b"]'],
  ],
  "the values of profiles": [
    profileOf,
    ["[default]\ns3 =\n  multipart_threshold = ", "1"],
    ["[default]\nmax_attempts = ", "1", "x"],
    ["[default]\nendpoint_url = http://a", "/", "x"],
    ["[default]\nuse_fips_endpoint = ", "x"],
  ],
  "the paths of the files": [
    (path) => readProfile({ environment: (name) => name === "AWS_CONFIG_FILE" ? path : "/x", readTextFile: () => "" }),
    ["", "$"],
    ["", "${"],
    ["", "$a"],
    ["~", "~"],
    ["/$", "{a"],
  ],
  checkEndpointUrl: [checkEndpointUrl, ["", "?"], ["", "@"], ["x", "#?@"], ["http://a", "/"], ["http://", "a.", "@"]],
  checkBucketName: [checkBucketName, ["", "a"], ["arn:aws", "-a"], ["arn:aws:s3::", ":"]],
  parseAccessPoint: [parseAccessPoint, ["arn:aws", "a-", ":s3:"], ["arn:aws:s3:", "a:"], ["arn:", "/"]],
  realRegion: [realRegion, ["fips-", "fips-"], ["", "-fips", "x"]],
  checkRole: [(arn) => checkRole(arn, arn), ["arn:", "a-"], ["arn:aws:iam::", ":iam::", " "], ["", "arn:"]],
  readExpiration: [
    readExpiration,
    ["2030-01-01T00:00:00.", "0"],
    ["2030-01-01T00:00", ":00"],
    ["", "2030-"],
    ["", "1"],
    ["", " "],
    ["Thu, 31 Jan 2030 12:00:00", " +"],
  ],
  "the endpoint of instance metadata": [
    (text) =>
      instanceMetadataCredentials({
        context: { ...world(), fetch: () => Promise.resolve(new Response(null, { status: 404 })) },
        endpoint: text,
      })(),
    ["http://127.0.0.1", "/", "x"],
    ["http://127.0.0.1/", "a/"],
  ],
  "the token of a container": [
    (token) => {
      const context = world({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1/",
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "token",
      });
      context.files.token = token;
      return containerCredentials({ context })();
    },
    ["", "\r"],
    ["", "\n", "x"],
  ],
  "a response of STS": [
    answered,
    ["<Code>", " "],
    ["", "<Code>"],
    ["<Code>Throttl", "x"],
    ["<Code>Throttl", " "],
    ["", "<Code>Throttl "],
    ["", "&"],
    ["<a>", "&#x0"],
    ["<Error><Message>", "\u0085?", "</Message></Error>"],
  ],
  readCaBundle: [
    readCaBundle,
    ["", "-----BEGIN CERTIFICATE-----"],
    ["-----BEGIN CERTIFICATE-----", "a\n"],
    ["", "-----BEGIN CERTIFICATE-----\na"],
    ["-----BEGIN CERTIFICATE-----", "-"],
  ],
};

/** The best CPU time of several runs, as other processes may keep the machine busy. */
async function workOf(read: (text: string) => unknown, text: string): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    try {
      await read(text);
    } catch {
      // most inputs are refused
    }
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

for (const [what, [read, ...texts]] of Object.entries(READERS)) {
  Deno.test(`${what}: 100 KB of adversarial text take less than ${LIMIT_MILLISECONDS} ms`, async () => {
    for (const [start, repeated, end = ""] of texts) {
      const text = start + repeated.repeat(LENGTH / repeated.length) + end;
      const milliseconds = await workOf(read, text);
      assert(
        milliseconds < LIMIT_MILLISECONDS,
        `${JSON.stringify(start)} + ${JSON.stringify(repeated)} + ${JSON.stringify(end)} took ${milliseconds} ms`,
      );
    }
  });
}
