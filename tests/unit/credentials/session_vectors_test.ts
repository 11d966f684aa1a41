/** Compares the first requests of sessions with those of botocore: tests/vectors/session_requests.py describes the cases. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { bucketAddress } from "../../../src/client/endpoint.ts";
import { sessionCredentials } from "../../../src/credentials/session_credentials.ts";
import { ConfigurationError, StorageError } from "../../../src/errors.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";
import vectors from "../../vectors/session_requests.json" with { type: "json" };

interface Case {
  readonly kind: string;
  readonly profile: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly config: string;
  /** `null` if botocore refuses. */
  readonly url: string | null;
  /** The region that the request is signed for. */
  readonly region?: string;
  readonly role?: string;
  readonly session?: string;
}

type Sent = Pick<Case, "url" | "region" | "role" | "session">;

const CASES = vectors.rows as readonly Case[];
const TOKEN = {
  accessToken: "access",
  refreshToken: "refresh",
  clientId: "client",
  clientSecret: "secret",
  registrationExpiresAt: "2099-01-01T00:00:00Z",
  region: "us-east-1",
  startUrl: "https://corp.awsapps.com/start",
};

/** Returns the settings in the environment of a case, whose config file is written. */
function settingsOf({ profile, environment, config }: Case, folder: string): [Settings, Case["environment"]] {
  Deno.writeTextFileSync(`${folder}/config`, config);
  const variables = { ...environment, HOME: folder, AWS_CONFIG_FILE: `${folder}/config` };
  const read = (name: string): string | undefined => (variables as Case["environment"])[name];
  const options = { bucketName: "media", ...profile !== null && { sessionProfile: profile } };
  return [resolveSettings([options], { environment: read }), variables];
}

/** The first request for credentials. */
async function requestOf(given: Case, folder: string): Promise<Sent> {
  const [settings, variables] = settingsOf(given, folder);
  let sent: Sent | undefined;
  const provider = sessionCredentials({
    context: {
      environment: (name) => ({ ...variables, AWS_EC2_METADATA_DISABLED: "true" } as Case["environment"])[name],
      readTextFile: (path) => Promise.resolve(textOf(path, given)),
      fetch: async (request) => {
        sent ??= await describe(request);
        return new Response(null, { status: 400 });
      },
      now: () => new Date("2030-01-01T00:00:00Z"),
    },
    profile: settings.sessionProfile,
    region: settings.regionName,
    useFipsEndpoint: settings.useFipsEndpoint,
  });
  await assertRejects(async () => await provider(), StorageError);
  return sent ?? { url: null };
}

function textOf(path: string, { kind }: Case): string | undefined {
  if (path === "/t/token") return "web-token";
  const expiresAt = kind === "oidc" ? "2020-01-01T00:00:00Z" : "2099-01-01T00:00:00Z";
  return path.includes("/sso/cache/") ? JSON.stringify({ ...TOKEN, expiresAt }) : undefined;
}

async function describe(request: Request): Promise<Sent> {
  const asked = new URLSearchParams(await request.text());
  const session = asked.get("RoleSessionName") ?? "storages-s3-";
  const [, region] = /Credential=\w+\/\d+\/([^/]+)\//.exec(request.headers.get("authorization") ?? "") ?? [];
  const role = asked.get("RoleArn");
  return {
    url: request.url.split("?")[0]!,
    ...region !== undefined && { region },
    ...role !== null && { role },
    ...!session.startsWith("storages-s3-") && { session },
  };
}

const sentOf = ({ url, region, role, session }: Case): Sent => ({
  url,
  ...region !== undefined && { region },
  ...role !== undefined && { role },
  ...session !== undefined && { session },
});

for (const kind of ["web identity", "role", "sso", "oidc"]) {
  Deno.test(`sessionCredentials() sends the first request of ${kind} as ${vectors.source} does`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const cases = CASES.filter((each) => each.kind === kind);
      assert(cases.length > 20);
      for (const each of cases) {
        assertEquals(await requestOf(each, folder), sentOf(each), JSON.stringify(each));
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test(`settings lead to the host and the region of S3 as in ${vectors.source}, or are refused with a reason`, async () => {
  const folder = await Deno.makeTempDir();
  let refused = 0;
  try {
    const cases = CASES.filter(({ kind }) => kind === "s3");
    for (const each of cases) {
      const [settings] = settingsOf(each, folder);
      try {
        const { origin, path, region } = bucketAddress(settings, settings.regionName, "media");
        assertEquals({ url: `${origin}${path}a.txt`, region }, sentOf(each), JSON.stringify(each));
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        // Only where one source has both.
        assert(/^use(Fips|Dualstack)Endpoint cannot be combined with endpointUrl$/.test(error.message), error.message);
        assert(isInOneSource(each), JSON.stringify(each));
        refused++;
      }
    }
    assert(refused > 0 && refused < cases.length / 4, `${refused} of ${cases.length}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function isInOneSource({ environment, config }: Case): boolean {
  const variables = JSON.stringify(environment);
  return [variables, config].some((source) =>
    /endpoint_url(_s3)?\W/i.test(source) && /use_(fips|dualstack)_endpoint\W+true/i.test(source)
  );
}
