// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * The credentials of `new S3Storage({ bucketName, endpointUrl, regionName })`. Storages of one process share the search for
 * credentials, so each case runs in a new process; the last argument is its name.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError, type S3Storage, UnauthenticatedError } from "../../mod.ts";
import type { S3ServerCredentials } from "../../src/testing/mod.ts";
import { containerDocument, serveContainer } from "../fakes/container_server.ts";
import { metadataDocument, type MetadataServer, serveMetadata } from "../fakes/metadata_server.ts";
import { SSO, startSsoServer } from "../fakes/sso_server.ts";
import { serveSts } from "../fakes/sts_server.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { HeldTime } from "../unit/held_time.ts";
import { changes } from "./credentials_changes.ts";
import { KEY_LINES, KEYS, SCATTERED } from "./credentials_scattered.ts";
import { inSeconds, installClock, moveClock, onStage, setVariables, type Stage } from "./credentials_stage.ts";

const ROLE = "arn:aws:iam::123456789012:role/media";

const credentialsOf = (
  accessKeyId: string,
  source: string,
): { accessKeyId: string; secretAccessKey: string; sessionToken: string } => ({
  accessKeyId,
  secretAccessKey: `hunter2-${source}-secret`,
  sessionToken: `hunter2-${source}-session`,
});

const FROM_STS = credentialsOf("ASIASTS1", "sts");
const FROM_CONTAINER = credentialsOf("ASIACONTAINER", "container");
const FROM_INSTANCE = credentialsOf("ASIAINSTANCE", "instance");
/** The next credentials of the instance. */
const NEXT = { ...FROM_INSTANCE, accessKeyId: "ASIANEXT", sessionToken: "hunter2-next-session" };

/** Saves, reads and creates URLs, all of which the server must accept. */
async function works(storage: S3Storage): Promise<void> {
  await storage.save("a.txt", "signed");
  assertEquals(await (await storage.open("a.txt")).text(), "signed");
  for (const url of [await storage.url("a.txt"), storage.urlSync("a.txt")]) {
    const response = await fetch(url);
    assertEquals([response.status, await response.text()], [200, "signed"]);
  }
  assertEquals(Deno.inspect(storage, { depth: 20, showHidden: true }).includes("hunter2"), false);
}

/** An instance whose credentials are valid for some seconds. */
async function onInstance(
  seconds: number,
  taken: readonly S3ServerCredentials[],
  run: (stage: Stage, metadata: MetadataServer) => Promise<void>,
): Promise<void> {
  await onStage(taken, async (stage) => {
    await using metadata = serveMetadata(metadataDocument(inSeconds(seconds)));
    setVariables({ AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.origin, AWS_METADATA_SERVICE_TIMEOUT: "30" });
    await run(stage, metadata);
  });
}

const nextDocument = (): unknown =>
  metadataDocument(inSeconds(3600), { AccessKeyId: NEXT.accessKeyId, Token: NEXT.sessionToken });

/** The requests of one retrieval: the token, the role and the credentials. */
const ASKED_ONCE = 3;

async function read(storage: S3Storage): Promise<string> {
  return await (await storage.open("a.txt")).text();
}

/** The error of a first request, which must not contain secrets. */
async function failure(storage: S3Storage): Promise<string> {
  const error = await assertRejects(() => storage.exists("a.txt"), ConfigurationError);
  assertEquals(Deno.inspect(error, { depth: 9, showHidden: true }).includes("hunter2"), false);
  return error.message;
}

export const CASES: Record<string, () => Promise<void>> = {
  "variables, with the token of temporary keys": () =>
    onStage([{ ...KEYS, sessionToken: "hunter2-token" }], async ({ storage }) => {
      setVariables({
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
        AWS_SESSION_TOKEN: "hunter2-token",
      });
      await works(storage());
    }),

  "the default profile": () =>
    onStage([KEYS], async ({ write, storage }) => {
      await write(".aws/credentials", `[default]\n${KEY_LINES}`);
      const first = storage();
      assertThrows(() => first.urlSync("a.txt"), ConfigurationError, "await url() or any request before urlSync()");
      await works(first);
    }),

  "the profile of AWS_PROFILE": () =>
    onStage([{ ...KEYS, sessionToken: "hunter2-token" }], async ({ write, storage }) => {
      await write(
        ".aws/config",
        `[default]\nregion = x\n[profile work]\n${KEY_LINES}aws_session_token = hunter2-token`,
      );
      setVariables({ AWS_PROFILE: "work" });
      await works(storage());
    }),

  "the profile of the option sessionProfile": () =>
    onStage([KEYS], async ({ write, storage }) => {
      const path = await write("mine", `[default]\naws_access_key_id = other\n[work]\n${KEY_LINES}`);
      setVariables({ AWS_SHARED_CREDENTIALS_FILE: path, AWS_PROFILE: "none" });
      await works(storage({ sessionProfile: "work" }));
    }),

  "a credential_process": () =>
    onStage([{ ...KEYS, sessionToken: "hunter2-token" }], async ({ write, storage }) => {
      const printed = {
        Version: 1,
        AccessKeyId: KEYS.accessKeyId,
        SecretAccessKey: KEYS.secretAccessKey,
        SessionToken: "hunter2-token",
        Expiration: inSeconds(3600),
      };
      const program = await write("a program.js", `console.log(${JSON.stringify(JSON.stringify(printed))})`);
      await write(
        ".aws/config",
        `[default]\ncredential_process = "${Deno.execPath()}" run --no-config "${program}"`,
      );
      await works(storage());
    }),

  "IAM Identity Center": () =>
    onStage([SSO], async ({ write, storage }) => {
      await using sso = startSsoServer();
      sso.expiration = Date.now() + 3_600_000;
      setVariables({ AWS_ENDPOINT_URL_SSO: sso.url, AWS_ENDPOINT_URL_SSO_OIDC: sso.url });
      await write(
        ".aws/config",
        `[default]\nsso_session = corp\nsso_account_id = ${SSO.accountId}\nsso_role_name = ${SSO.roleName}\n` +
          "[sso-session corp]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n",
      );
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode("corp")));
      const { accessToken, clientId, clientSecret, refreshToken } = SSO;
      const token = { accessToken, clientId, clientSecret, refreshToken, expiresAt: inSeconds(-1) };
      await write(`.aws/sso/cache/${digest.toHex()}.json`, JSON.stringify(token));
      await works(storage());
      assertEquals(sso.requests, ["POST /token", "GET /federation/credentials"]);
    }),

  "a web identity": () =>
    onStage([FROM_STS], async ({ write, storage }) => {
      await using sts = serveSts(inSeconds(3600));
      sts.webIdentityTokens.add("hunter2-identity");
      setVariables({
        AWS_WEB_IDENTITY_TOKEN_FILE: await write("token", "hunter2-identity\n"),
        AWS_ROLE_ARN: ROLE,
        AWS_ENDPOINT_URL_STS: sts.origin,
      });
      await works(storage());
      assertEquals(sts.forms.length, 1);
    }),

  "a role with a source profile": () =>
    onStage([FROM_STS], async ({ write, storage }) => {
      await using sts = serveSts(inSeconds(3600));
      sts.secrets.set(KEYS.accessKeyId, KEYS.secretAccessKey);
      setVariables({ AWS_ENDPOINT_URL_STS: sts.origin });
      await write(".aws/config", `[default]\nrole_arn = ${ROLE}\nsource_profile = base`);
      await write(".aws/credentials", `[base]\n${KEY_LINES}`);
      await works(storage());
      assertEquals([sts.forms.length, sts.forms[0]!.RoleArn], [1, ROLE]);
    }),

  "a container": () =>
    onStage([FROM_CONTAINER], async ({ write, storage }) => {
      await using container = serveContainer(containerDocument(inSeconds(3600)));
      container.authorization = "hunter2-authorization";
      setVariables({
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.origin}/credentials/task`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: await write("authorization", "hunter2-authorization\n"),
      });
      await works(storage());
      assertEquals(container.asked, ["GET /credentials/task"]);
    }),

  "an instance": () =>
    onInstance(3600, [FROM_INSTANCE], async ({ storage }, metadata) => {
      await works(storage());
      assertEquals(metadata.asked.length, ASKED_ONCE);
    }),

  "credentials are renewed in good time, and the next request is signed with the new ones": () =>
    onInstance(
      600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(600)) }, NEXT],
      async ({ storage, s3 }, metadata) => {
        const first = storage();
        await works(first);
        metadata.document = nextDocument();
        moveClock(570);
        await works(first);
        moveClock(31); // the server refuses the old credentials from now on
        await works(first);
        assertEquals(metadata.asked.length, 2 * ASKED_ONCE);
        assertEquals(s3.server.requests.filter(({ errorCode }) => errorCode !== undefined), []);
      },
    ),

  "credentials that expired without requests are renewed before use": () =>
    onInstance(
      600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(600)) }, NEXT],
      async ({ storage, s3 }, metadata) => {
        await works(storage());
        moveClock(86_400);
        metadata.document = nextDocument();
        await works(storage());
        assertEquals(s3.server.requests.filter(({ errorCode }) => errorCode !== undefined), []);
      },
    ),

  "requests refused with ExpiredToken renew once for all, and are sent again": () =>
    onInstance(
      3600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(300)) }, NEXT],
      async ({ storage, s3 }, metadata) => {
        const [one, other] = [storage(), storage()];
        await works(one);
        metadata.document = nextDocument();
        moveClock(301);
        const refusals = (): number => s3.server.requests.filter((it) => it.errorCode === "ExpiredToken").length;
        assertEquals(await read(one), "signed");
        assertEquals([refusals(), metadata.asked.length], [1, 2 * ASKED_ONCE]);
        const texts = await Promise.all(Array.from({ length: 50 }, () => read(other)));
        assertEquals([new Set(texts), refusals(), metadata.asked.length], [new Set(["signed"]), 1, 2 * ASKED_ONCE]);
      },
    ),

  "fifty requests at the same time that are refused with ExpiredToken renew once": () =>
    onInstance(
      3600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(300)) }, NEXT],
      async ({ storage, s3 }, metadata) => {
        const storages = [storage(), storage()];
        await works(storages[0]!);
        metadata.document = nextDocument();
        moveClock(301);
        const texts = await Promise.all(Array.from({ length: 50 }, (_, index) => read(storages[index % 2]!)));
        assertEquals(new Set(texts), new Set(["signed"]));
        assert(s3.server.requests.some(({ errorCode }) => errorCode === "ExpiredToken"));
        assertEquals(metadata.asked.length, 2 * ASKED_ONCE);
      },
    ),

  "without new credentials, ExpiredToken is thrown after one attempt to renew": () =>
    onInstance(
      3600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(300)) }],
      async ({ storage, s3 }, metadata) => {
        const first = storage();
        await works(first);
        moveClock(301);
        await assertRejects(() => read(first), UnauthenticatedError);
        assertEquals(s3.server.requests.filter((it) => it.errorCode === "ExpiredToken").length, 1);
        assertEquals(metadata.asked.length, 2 * ASKED_ONCE);
      },
    ),

  "a thousand requests of several storages ask once, and renew once": () =>
    onInstance(
      600,
      [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(600)) }, NEXT],
      async ({ storage, s3 }, metadata) => {
        const storages = Array.from({ length: 4 }, () => storage());
        const thousand = async (): Promise<number> => {
          const answers = Array.from({ length: 1000 }, (_, index) => storages[index % 4]!.exists("none.txt"));
          return (await Promise.all(answers)).filter((there) => !there).length;
        };
        assertEquals([await thousand(), metadata.asked.length], [1000, ASKED_ONCE]);
        metadata.document = nextDocument();
        moveClock(601);
        assertEquals([await thousand(), metadata.asked.length], [1000, 2 * ASKED_ONCE]);
        assertEquals(s3.server.requests.filter(({ status }) => status !== 404), []);
      },
    ),

  "the expiry of url() is limited by the expiration of the credentials": () =>
    onInstance(600, [{ ...FROM_INSTANCE, expiration: new Date(inSeconds(600)) }], async ({ storage, s3 }) => {
      const first = storage();
      await first.save("a.txt", "signed");
      const end = Date.now() + 600_000;
      for (
        const url of [await first.url("a.txt"), first.urlSync("a.txt"), await first.url("a.txt", { expiresIn: 900 })]
      ) {
        const { searchParams } = new URL(url);
        const seconds = Number(searchParams.get("X-Amz-Expires"));
        const signed = Date.parse(
          searchParams.get("X-Amz-Date")!.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5"),
        );
        assert(seconds > 0 && seconds <= 600 && signed + seconds * 1000 <= end, `${seconds} s from ${signed}`);
        assertEquals(await (await fetch(url)).text(), "signed");
      }
      assertEquals(new URL(await first.url("a.txt", { expiresIn: 60 })).searchParams.get("X-Amz-Expires"), "60");
      await assertRejects(
        () => first.url("a.txt", { mayExpireEarlier: false }),
        RangeError,
        "credentials expire at",
      );
      assertEquals(s3.server.requests.filter(({ errorCode }) => errorCode !== undefined), []);
    }),

  "a hanging instance times out after AWS_METADATA_SERVICE_TIMEOUT, with the configured attempts": () =>
    onStage([KEYS], async ({ storage, s3 }) => {
      await using metadata = serveMetadata({});
      metadata.instead.token.push("silence", "silence", "silence", "silence");
      using time = new HeldTime(10_000); // not the pause between two attempts; both end within credentialsTimeout
      const variables = {
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.origin,
        AWS_METADATA_SERVICE_TIMEOUT: "20",
        AWS_METADATA_SERVICE_NUM_ATTEMPTS: "2",
      };
      setVariables(variables);
      const failed = failure(storage());
      await time.passAtEach(metadata.asked, 2, 20);
      const message = await failed;
      assertStringIncludes(message, "within 20 s");
      assertEquals(metadata.asked, Array(2).fill("PUT /latest/api/token"));
      const places = ["environment", "web identity", "profile", "container", "instance metadata"];
      const found = places.map((place) => message.indexOf(`${place}: `));
      assertEquals([found.includes(-1), found], [false, found.toSorted((one, other) => one - other)]);
      setVariables({ ...variables, AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey });
      assertEquals(await storage().exists("a.txt"), false);
      assertEquals([metadata.asked.length, s3.server.requests.length], [2, 1]);
    }),

  "after a change of AWS_PROFILE, HOME or AWS_CONFIG_FILE each storage uses the keys of its endpoint": changes,

  "without configuration the error lists the places that were searched, and no request is sent": () =>
    onStage([KEYS], async ({ storage, s3, write }) => {
      setVariables({ AWS_EC2_METADATA_DISABLED: "true" });
      const first = storage();
      const message = await failure(first);
      for (
        const part of [
          "options accessKey and secretKey",
          "AWS_ACCESS_KEY_ID is not set",
          "AWS_WEB_IDENTITY_TOKEN_FILE is not set",
          "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
          "instance metadata: disabled by AWS_EC2_METADATA_DISABLED",
        ]
      ) assertStringIncludes(message, part);
      assertEquals(s3.server.requests.length, 0);
      await write(".aws/credentials", `[default]\n${KEY_LINES}`);
      await works(first); // credentials that are configured later are found
    }),

  "key, secret and token are always taken from one place": async () => {
    for (const [index, [what, scattered]] of Object.entries(SCATTERED).entries()) {
      const { variables = {}, config = "", credentials = "", options = {}, refused } = scattered;
      const run = async ({ write, storage, s3 }: Stage): Promise<void> => {
        await write(".aws/config", config);
        await write(".aws/credentials", credentials);
        setVariables({ AWS_EC2_METADATA_DISABLED: "true", ...variables });
        const use = async (): Promise<void> => await works(storage(options));
        if (refused === undefined) return await use();
        const error = await assertRejects(use, ConfigurationError, refused);
        assertEquals([error.message.includes("hunter2"), s3.server.requests.length], [false, 0]);
      };
      try {
        await onStage([KEYS], run, `eu-west-${index}`);
      } catch (cause) {
        throw new Error(what, { cause });
      }
    }
  },
};

export interface CredentialsResult {
  readonly error?: string;
}

/** The messages of an error and its causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}${error.cause === undefined ? "" : `\ncause: ${describe(error.cause)}`}`;
}

if (import.meta.main) {
  installClock();
  const run = CASES[Deno.args.at(-1)!]!;
  const result: CredentialsResult = await run().then(() => ({}), (error) => ({ error: describe(error) }));
  console.log(RESULTS_MARKER + JSON.stringify([result]));
}
