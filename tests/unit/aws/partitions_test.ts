/**
 * The hosts and ARNs of every AWS region, against botocore. The rows of tests/vectors/partitions.json are written by
 * tests/vectors/partitions.py: what the endpoint rules of botocore 1.43.11 resolve for each region of each partition.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { parseAccessPoint } from "../../../src/aws/access_point.ts";
import { isAws } from "../../../src/aws/hosts.ts";
import { awsDomainOf, partitionOf } from "../../../src/aws/partitions.ts";
import { policyDocument } from "../../../src/cli/policy_document.ts";
import { bucketAddress } from "../../../src/client/endpoint.ts";
import { profileCredentials } from "../../../src/credentials/profile/profile_credentials.ts";
import { stsEndpoint } from "../../../src/credentials/sts/sts.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { readProfile } from "../../../src/settings/profile/profile.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";

/** A service, and the hosts that the environment or the profile chooses. */
type ServiceColumn = `${"sts" | "portal" | "oidc"}${"" | "Fips" | "Dualstack" | "FipsDualstack"}`;

/** The key of the profile, and the variable, for each kind of host. */
const CHOICES: ReadonlyArray<readonly [suffix: "" | "Fips" | "Dualstack" | "FipsDualstack", keys: readonly string[]]> =
  [
    ["", []],
    ["Fips", ["use_fips_endpoint"]],
    ["Dualstack", ["use_dualstack_endpoint"]],
    ["FipsDualstack", ["use_fips_endpoint", "use_dualstack_endpoint"]],
  ];

interface Row extends Readonly<Record<ServiceColumn, string>> {
  readonly region: string;
  readonly partition: string;
  readonly s3: string;
  /** `null` where the partition has no such hosts. */
  readonly s3Fips: string | null;
  readonly s3Dualstack: string;
  readonly s3FipsDualstack: string | null;
  readonly accessPointArn: string;
  readonly accessPoint: string;
}

const { rows }: { rows: Row[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../vectors/partitions.json", import.meta.url)),
);

const NO_VARIABLES = (): undefined => undefined;

function bucketOrigin(region: string, bucket: string, dualstack = false, fips = false): string {
  return bucketAddress(
    {
      endpointUrl: undefined,
      addressingStyle: "auto",
      useSsl: true,
      useDualstackEndpoint: dualstack,
      useFipsEndpoint: fips,
    },
    region,
    bucket,
  ).origin;
}

/** The origins of IAM Identity Center that a profile asks: for a new token, then for credentials. */
async function ssoOrigins(region: string, keys: readonly string[]): Promise<string[]> {
  const asked: string[] = [];
  const config = `[profile dev]\n${keys.map((key) => `${key} = true\n`).join("")}` +
    `sso_account_id = 1\nsso_role_name = r\nsso_region = ${region}\nsso_start_url = https://a.b`;
  const environment = (name: string): string | undefined => name === "HOME" ? "/" : undefined;
  const readTextFile = (path: string): string | undefined => path.endsWith("config") ? config : undefined;
  const token = {
    accessToken: "token",
    expiresAt: "2030-01-01T00:01:00Z", // a minute from now: it is renewed
    clientId: "id",
    clientSecret: "secret",
    refreshToken: "refresh",
  };
  const provider = profileCredentials(readProfile({ name: "dev", environment, readTextFile })!, {
    context: {
      environment,
      readTextFile: () => Promise.resolve(JSON.stringify(token)),
      fetch: ({ url }) => {
        asked.push(new URL(url).origin);
        return Promise.resolve(new Response("{}", { status: 400 }));
      },
      now: () => new Date("2030-01-01T00:00:00Z"),
    },
  })!;
  await Promise.resolve(provider()).catch(() => {});
  return asked;
}

for (const row of rows) {
  const { region, partition } = row;
  Deno.test(`bucketAddress() agrees with botocore on the S3 hosts of ${region}`, () => {
    assertEquals(bucketOrigin(region, "media"), row.s3);
    assertEquals(bucketOrigin(region, "media", true), row.s3Dualstack);
    for (const [dualstack, url] of [[false, row.s3Fips], [true, row.s3FipsDualstack]] as const) {
      const find = (): string => bucketOrigin(region, "media", dualstack, true);
      if (url === null) assertThrows(find, ConfigurationError, "no FIPS hosts");
      else assertEquals(find(), url);
    }
  });

  Deno.test(`stsEndpoint() agrees with botocore on the STS hosts of ${region}`, () => {
    for (const [suffix, keys] of CHOICES) {
      const variables = keys.map((key) => `AWS_${key.toUpperCase()}`);
      const environment = (name: string): string | undefined => variables.includes(name) ? "true" : undefined;
      const url = `${row[`sts${suffix}`]}/`;
      assertEquals(stsEndpoint({ context: { environment } as never, region }), { url, region });
    }
  });

  Deno.test(`profileCredentials() agrees with botocore on the SSO hosts of ${region}`, async () => {
    for (const [suffix, keys] of CHOICES) {
      assertEquals(await ssoOrigins(region, keys), [row[`oidc${suffix}`], row[`portal${suffix}`]]);
    }
  });

  Deno.test(`partitionOf() and the ARNs of ${region} agree with botocore`, () => {
    assertEquals(partitionOf(region).name, partition);
    assertEquals(partitionOf(region.toUpperCase()).name, partition);
    assertEquals(parseAccessPoint(row.accessPointArn).region, region);
    assertEquals(bucketOrigin("us-east-1", row.accessPointArn), row.accessPoint);
    const settings = resolveSettings([{ bucketName: "media", regionName: region }], { environment: NO_VARIABLES });
    assertEquals(
      policyDocument({ settings, location: "", features: ["read"] }).Statement.flatMap(({ Resource }) => Resource),
      [`arn:${partition}:s3:::media/*`],
    );
  });

  Deno.test(`isAws() knows the hosts of ${region}`, () => {
    for (const url of [row.s3, row.accessPoint, row.sts]) {
      assertEquals(isAws({ endpointUrl: new URL(url) }), true, url);
    }
    assertEquals(awsDomainOf(`evil-${new URL(row.s3).hostname}.example.com`), undefined);
  });
}

Deno.test("parseAccessPoint() refuses an ARN whose partition is not that of its region", () => {
  for (const arn of ["arn:aws-cn:s3:eu-west-1", "arn:aws:s3:cn-north-1", "arn:aws-iso:s3:us-isob-east-1"]) {
    assertThrows(() => parseAccessPoint(`${arn}:123456789012:accesspoint/reports`), ConfigurationError, arn);
  }
});

Deno.test("awsDomainOf() compares whole labels", () => {
  assertEquals(awsDomainOf("amazonaws.com"), "amazonaws.com");
  assertEquals(awsDomainOf("notamazonaws.com"), undefined);
});
