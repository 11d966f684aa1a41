// deno-lint-ignore-file no-console -- the tests replace console.warn to see what it is called with
import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";

/** The keys and the bucket. Each test has names of its own where warnings matter, as each name is warned of once. */
const BASE = { AWS_STORAGE_BUCKET_NAME: "media", AWS_ACCESS_KEY_ID: "AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY: "secret" };

/** Runs a function, and returns what it prints as warnings. */
function warnings(run: () => void): string[] {
  const printed: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void printed.push(text);
  try {
    run();
  } finally {
    console.warn = warn;
  }
  return printed;
}

function refusal(env: object): string {
  const error = assertThrows(() => S3Storage.fromEnv(env));
  assertInstanceOf(error, ConfigurationError);
  return error.message;
}

/** A binding of a Worker: an object of a class, such as a bucket of R2. */
class Binding {
  get(): Promise<string> {
    return Promise.resolve("a value");
  }
}

Deno.test("fromEnv() takes the settings of a Worker's env, and ignores its bindings and other variables", () => {
  const bindings = { CACHE: new Binding(), BUCKET: new Binding(), AWS_S3_BUCKET: new Binding(), ASSETS: () => {} };
  const env = { ...BASE, ...bindings, AWS_S3_REGION_NAME: "eu-west-1", API_TOKEN: "t", PORT: 80, ORIGINS: ["a"] };
  let storage: S3Storage | undefined;
  assertEquals(warnings(() => storage = S3Storage.fromEnv(Object.freeze(env))), []);
  const { regionName, accessKey, secretKey } = storage!.settings;
  assertEquals([storage!.bucketName, regionName, accessKey], ["media", "eu-west-1", "AKIDEXAMPLE"]);
  assertEquals(secretKey?.reveal(), "secret");
});

Deno.test("fromEnv() takes numbers, booleans and JSON, and parses text as from the environment", () => {
  const { settings } = S3Storage.fromEnv({
    ...BASE,
    AWS_LOCATION: 2024,
    AWS_QUERYSTRING_EXPIRE: 600,
    AWS_QUERYSTRING_WINDOW: "60",
    AWS_QUERYSTRING_AUTH: false,
    AWS_S3_FILE_OVERWRITE: "False",
    AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=60" },
    AWS_S3_TRANSFER_CONFIG: '{"partSize":6291456}',
    GZIP_CONTENT_TYPES: ["text/css"],
    AWS_MAX_ATTEMPTS: 3,
    AWS_S3_ENDPOINT_URL: "",
    AWS_S3_CUSTOM_DOMAIN: null,
  });
  assertEquals([settings.location, settings.querystringExpire, settings.querystringWindow], ["2024", 600, 60]);
  assertEquals([settings.querystringAuth, settings.fileOverwrite], [false, false]);
  assertEquals(settings.objectParameters, { CacheControl: "max-age=60" });
  assertEquals([settings.transferConfig.partSize, settings.clientConfig.maxAttempts], [6291456, 3]);
  assertEquals([settings.gzipContentTypes, settings.endpointUrl, settings.customDomain], [
    ["text/css"],
    undefined,
    undefined,
  ]);
});

Deno.test("fromEnv() refuses a binding where a setting must be text, without its content", () => {
  const message = refusal({ ...BASE, AWS_SECRET_ACCESS_KEY: new Binding() });
  assertStringIncludes(message, "The variable AWS_SECRET_ACCESS_KEY must be text, got a value of type object");
  assertStringIncludes(refusal({ ...BASE, AWS_S3_FILE_OVERWRITE: new Binding() }), "must be true or false");
});

Deno.test("fromEnv() refuses what is not an environment, and one without a bucket", () => {
  for (const env of ["AWS_STORAGE_BUCKET_NAME", undefined, null, ["media"]]) {
    assertStringIncludes(refusal(env as never), "Environment must be an object, got ");
  }
  assertStringIncludes(refusal({}), "bucketName is missing");
  assertStringIncludes(refusal({ ...BASE, AWS_S3_HOST: "s3.example.com" }), "AWS_S3_HOST is not supported");
});

Deno.test("fromEnv() warns once of each name that is probably misspelt, with the names that may be meant", () => {
  const env = {
    ...BASE,
    AWS_S3_REGION: "eu-west-1",
    AWS_S3_BUCKET: "media",
    AWS_STORAGE_BUCKET_NAEM: "media",
    aws_location: "uploads",
    AWS_SECRET_ACESS_KEY: "secret",
    AWS_S3_WHATEVER: "1",
  };
  const printed = warnings(() => S3Storage.fromEnv(env));
  assertEquals(printed, [
    "Unknown variable 'AWS_S3_REGION'. Did you mean AWS_REGION?",
    "Unknown variable 'AWS_S3_BUCKET'. Did you mean AWS_STORAGE_BUCKET_NAME?",
    "Unknown variable 'AWS_STORAGE_BUCKET_NAEM'. Did you mean AWS_STORAGE_BUCKET_NAME?",
    "Unknown variable 'aws_location'. Did you mean AWS_LOCATION?",
    "Unknown variable 'AWS_SECRET_ACESS_KEY'. Did you mean AWS_SECRET_ACCESS_KEY?",
    "Unknown variable 'AWS_S3_WHATEVER'. See docs/settings.md for the 44 known names.",
  ]);
  assertEquals(warnings(() => S3Storage.fromEnv({ ...env })), []);
});

Deno.test("fromEnv() warns before it throws, so that the reason for a missing bucket is printed", () => {
  assertEquals(warnings(() => refusal({ AWS_STORAGE_BUCKET: "media" })), [
    "Unknown variable 'AWS_STORAGE_BUCKET'. Did you mean AWS_STORAGE_BUCKET_NAME?",
  ]);
});

Deno.test("fromEnv() does not warn of variables that the AWS SDKs, Lambda and other programs read", () => {
  const others =
    "AWS_PROFILE AWS_ROLE_ARN AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_SDK_LOAD_CONFIG AWS_RETRY_MODE " +
    "AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_LOG_GROUP_NAME AWS_DEFAULT_OUTPUT AWS_DEFAULT_PROFILE AWS_PAGER " +
    "AWS_EC2_METADATA_DISABLED AWS_ENDPOINT_URL_STS AWS_ENDPOINT_URL_SQS AWS_S3_DISABLE_EXPRESS_SESSION_AUTH AWS_ACCOUNT_ID " +
    "AWS_S3_USE_ARN_REGION AWS_WEB_IDENTITY_TOKEN_FILE AWS_CREDENTIAL_EXPIRATION AWS_XRAY_CONTEXT_MISSING AWS_VAULT " +
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ACCESS_KEY_EXPIRATION PATH HOME BUCKET BUCKET_NAME LOCATION REGION S3_BUCKET";
  const env = Object.fromEntries(others.split(" ").map((name) => [name, name === "AWS_RETRY_MODE" ? "standard" : ""]));
  assertEquals(warnings(() => S3Storage.fromEnv({ ...BASE, ...env })), []);
});

Deno.test("fromEnv() reads neither the environment of the process nor its AWS files", () => {
  Deno.env.set("AWS_LOCATION", "process");
  try {
    assertEquals(S3Storage.fromEnv(BASE).location, "");
    assertEquals(
      S3Storage.fromEnv({ ...BASE, AWS_LOCATION: "given" }).with({ fileOverwrite: false }).location,
      "given/",
    );
  } finally {
    Deno.env.delete("AWS_LOCATION");
  }
});

Deno.test("fromEnv() takes process.env, Deno.env and an environment with toObject()", () => {
  Deno.env.set("AWS_STORAGE_BUCKET_NAME", "of-process");
  try {
    const { process } = globalThis as unknown as { process: { env: object } };
    const envs = [process.env, Deno.env, Deno.env.toObject(), { toObject: () => Deno.env.toObject(), get: () => "" }];
    assertEquals(envs.map((env) => S3Storage.fromEnv(env).bucketName), envs.map(() => "of-process"));
  } finally {
    Deno.env.delete("AWS_STORAGE_BUCKET_NAME");
  }
});

Deno.test("fromEnv() makes a storage of its class, whose settings take precedence, also if it copies its options", () => {
  class Uploads extends S3Storage {
    static override settings: S3StorageOptions = { location: "uploads", endpointUrl: "https://s3.example.com" };
    constructor(options: S3StorageOptions = {}) {
      super({ ...options, fileOverwrite: false });
    }
  }
  // Like a variable of the machine, that of dual-stack hosts does not exclude the endpoint of the class.
  const storage = Uploads.fromEnv({ ...BASE, AWS_LOCATION: "env", AWS_USE_DUALSTACK_ENDPOINT: "true" });
  assertInstanceOf(storage, Uploads);
  const { location, fileOverwrite, useDualstackEndpoint } = storage.settings;
  assertEquals([storage.bucketName, location], ["media", "uploads"]);
  assertEquals([fileOverwrite, useDualstackEndpoint], [false, false]);
});

Deno.test("fromEnv() takes options beside the environment, which take precedence", async () => {
  const env = { AWS_STORAGE_BUCKET_NAME: "media", AWS_LOCATION: "a", AWS_QUERYSTRING_AUTH: "false" };
  const storage = S3Storage.fromEnv(env, { location: "b", regionName: "eu-west-1" });
  assertEquals(await storage.url("c.txt"), "https://media.s3.eu-west-1.amazonaws.com/b/c.txt");
});
