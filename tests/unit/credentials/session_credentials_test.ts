import { assertEquals, assertStringIncludes } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { until } from "../held_time.ts";
import { contextOf, fromTexts, reportingFetch } from "./profiles.ts";
import { refusalOf } from "./world.ts";

Deno.test("sessionCredentials() reads the files at each call", async () => {
  let secret = "first";
  let reads = 0;
  const provider = fromTexts({
    readTextFileSync: (path) => {
      reads++;
      return path.endsWith("config") ? "" : `[default]\naws_access_key_id = id\naws_secret_access_key = ${secret}`;
    },
  });
  assertEquals((await provider()).secretAccessKey, "first");
  assertEquals(reads, 2);
  secret = "second";
  assertEquals((await provider()).secretAccessKey, "second");
});

Deno.test("sessionCredentials() refuses a profile without credentials with advice", async () => {
  const message = await refusalOf(
    fromTexts({
      config: "[profile a]\nregion = eu-west-1",
      profile: "a",
      environment: { AWS_EC2_METADATA_DISABLED: "true" },
    }),
    ConfigurationError,
  );
  assertEquals(message.startsWith("Profile 'a' has no credentials: it needs aws_access_key_id, role_arn"), true);
  assertStringIncludes(message, "Tried profile 'a': none; ");
  assertStringIncludes(message, "instance metadata: disabled by AWS_EC2_METADATA_DISABLED");
});

Deno.test("sessionCredentials() continues from a named profile to the container and the instance, but not to variables", async () => {
  const variables = {
    AWS_ACCESS_KEY_ID: "environment",
    AWS_SECRET_ACCESS_KEY: "hunter2",
    AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/other",
  };
  const keyOf = async (environment: Record<string, string>): Promise<string> => {
    const context = { ...contextOf({ ...variables, ...environment }), fetch: reportingFetch };
    const provider = fromTexts({ config: "[profile a]\nregion = eu-west-1", profile: "a", context });
    const { accessKeyId } = await provider();
    assertEquals(
      provider.source(),
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" in environment ? "container" : "instance metadata",
    );
    return accessKeyId;
  };
  assertEquals(await keyOf({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c" }), "ASIACONTAINER");
  assertEquals(await keyOf({}), "ASIAINSTANCE");
});

Deno.test("sessionCredentials() sends a web identity of variables to the endpoint, and by the rules, of the profile", async () => {
  const environment = {
    AWS_WEB_IDENTITY_TOKEN_FILE: "/token",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/eks",
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const at = async (config: string, more: Record<string, string> = {}): Promise<string> => {
    const context = {
      ...contextOf({ ...environment, ...more }),
      readTextFile: () => Promise.resolve("token"),
      fetch: reportingFetch,
    };
    const provider = fromTexts({ config, context, profile: undefined, region: "eu-west-1" });
    return JSON.parse((await provider()).accessKeyId).at;
  };
  const services = "[services own]\nsts =\n  endpoint_url = http://own\n";
  assertEquals(await at(`[default]\nservices = own\n${services}`), "http://own/");
  assertEquals(await at("[default]\nendpoint_url = http://all\n"), "http://all/");
  assertEquals(await at(`[profile dev]\nservices = own\n${services}`, { AWS_PROFILE: "dev" }), "http://own/");
  assertEquals(await at("[default]\nuse_fips_endpoint = true\n"), "https://sts-fips.eu-west-1.amazonaws.com/");
  assertEquals(await at("[default]\nsts_regional_endpoints = legacy\n"), "https://sts.amazonaws.com/");
  const ignoring = "[default]\nendpoint_url = http://all\nignore_configured_endpoint_urls = true\n";
  assertEquals(await at(ignoring), "https://sts.eu-west-1.amazonaws.com/");
});

Deno.test("sessionCredentials() sends the requests of all roles of a chain to the endpoint of the first profile", async () => {
  const role = "role_arn = arn:aws:iam::123456789012:role/r\n";
  const config = `[profile a]\nendpoint_url = http://a\n${role}source_profile = b\n` +
    `[profile b]\nendpoint_url = http://b\n${role}source_profile = c\n` +
    "[profile c]\naws_access_key_id = c\naws_secret_access_key = hunter2\n";
  const hosts: string[] = [];
  const context = {
    ...contextOf({}),
    fetch: (request: Request): Promise<Response> => {
      hosts.push(new URL(request.url).host);
      return reportingFetch(request);
    },
  };
  await fromTexts({ config, context, profile: "a" })();
  assertEquals(hosts, ["a", "a"]);
});

Deno.test("sessionCredentials() takes the address of instance metadata from variables, else from the profile", async () => {
  const askedAt = async (config: string, environment: Record<string, string> = {}): Promise<string> => {
    const asked: string[] = [];
    const context = {
      ...contextOf(environment),
      fetch: (request: Request): Promise<Response> => {
        asked.push(new URL(request.url).host);
        return Promise.resolve(new Response(null, { status: 404 }));
      },
    };
    await refusalOf(fromTexts({ config, context, profile: undefined }), ConfigurationError);
    return asked.join();
  };
  const own = "[default]\nec2_metadata_service_endpoint = http://127.0.0.1:1338\n";
  assertEquals(await askedAt(own), "127.0.0.1:1338");
  assertEquals(await askedAt(own, { AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" }), "127.0.0.1:1");
  assertEquals(await askedAt("[default]\nec2_metadata_service_endpoint_mode = IPv6\n"), "[fd00:ec2::254]");
  assertEquals(await askedAt("[profile other]\nec2_metadata_service_endpoint_mode = IPv6\n"), "169.254.169.254");
  const few = fromTexts({ config: "[default]\nmetadata_service_num_attempts = few\n", context: contextOf({}) });
  assertStringIncludes(await refusalOf(few, ConfigurationError), "AWS_METADATA_SERVICE_NUM_ATTEMPTS");
});

Deno.test("sessionCredentials() says which source it waits for", async () => {
  const never = new Promise<never>(() => {});
  const context = { ...contextOf({ AWS_EC2_METADATA_DISABLED: "" }), fetch: () => never };
  for (
    const [config, environment, source] of [
      ["", { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c", AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/t" }, "container"],
      ["[profile a]\nweb_identity_token_file = /t\nrole_arn = arn:aws:iam::123456789012:role/r\n", {}, "profile 'a'"],
    ] as const
  ) {
    const provider = fromTexts({
      config,
      profile: config === "" ? undefined : "a",
      context: {
        ...context,
        environment: (name) => ({ HOME: "/users/ada", ...environment })[name as "HOME"],
        readTextFile: () => never,
      },
    });
    void provider();
    await until(() => provider.source() === source, source);
  }
});
