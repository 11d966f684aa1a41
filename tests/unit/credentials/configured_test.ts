/** A source that a profile names but that has no credentials is an error, and the chain does not continue. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { contextOf, fromTexts, reportingFetch } from "./profiles.ts";
import { refusalOf } from "./world.ts";

const KEYS = "aws_access_key_id = id\naws_secret_access_key = hunter2\n";
const ROLE = "role_arn = arn:aws:iam::123456789012:role/reader\n";
const OTHER = "arn:aws:iam::123456789012:role/other";

for (
  const [kind, message] of [
    ["Environment", "AWS_ACCESS_KEY_ID is not set"],
    ["EcsContainer", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set"],
    ["Ec2InstanceMetadata", "disabled by AWS_EC2_METADATA_DISABLED"],
  ] as const
) {
  Deno.test(`a role whose ${kind} has no credentials is an error, and later sources are not used`, async () => {
    const config = `[default]\n${ROLE}credential_source = ${kind}\n` +
      `[profile chained]\n${ROLE}source_profile = default`;
    const hosts: string[] = [];
    // All other places have credentials of another identity.
    const environment = {
      AWS_EC2_METADATA_DISABLED: kind === "Ec2InstanceMetadata" ? "true" : "",
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: kind === "EcsContainer" ? "" : "/c",
      AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
      AWS_ROLE_ARN: OTHER,
    };
    const context = {
      ...contextOf(environment),
      readTextFile: () => Promise.resolve("token"),
      fetch: (request: Request): Promise<Response> => {
        hosts.push(new URL(request.url).hostname);
        return reportingFetch(request);
      },
    };
    for (const given of [{}, { environment: { ...environment, AWS_PROFILE: "chained" } }, { profile: "chained" }]) {
      const provider = fromTexts({
        config,
        context: "environment" in given
          ? { ...context, ...contextOf(given.environment!), fetch: context.fetch }
          : context,
        profile: "profile" in given ? given.profile : undefined,
      });
      const refused = await refusalOf(provider, ConfigurationError);
      assertStringIncludes(
        refused,
        `Profile 'default' has the credential_source ${kind}, which has no credentials: ${message}`,
      );
      assertEquals(hosts, []);
    }
  });
}

for (
  const key of [
    "aws_access_key_id",
    "aws_secret_access_key",
    "role_arn",
    "source_profile",
    "credential_source",
    "web_identity_token_file",
    "credential_process",
    "sso_account_id",
    "sso_role_name",
    "sso_session",
  ]
) {
  Deno.test(`a profile with an empty ${key} is an error, and later sources are not used`, async () => {
    const environment = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c" };
    for (
      const config of [`[default]\n${key} =`, `[default]\n${key} =\n${KEYS.replace(new RegExp(`^${key}.*`, "m"), "")}`]
    ) {
      const context = { ...contextOf(environment), fetch: reportingFetch };
      const refused = await refusalOf(fromTexts({ config, context, profile: undefined }), ConfigurationError);
      assertStringIncludes(refused, `${key} of profile 'default' must not be empty`);
    }
  });
}
