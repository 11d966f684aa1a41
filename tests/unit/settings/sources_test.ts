import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { NamedSettings } from "../../../src/settings/named_settings.ts";
import { OPTIONS, type S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";

/** Sources of which each sets one more option than the one before. */
function fromAll(sources: {
  readonly given?: S3StorageOptions;
  readonly ofClass?: S3StorageOptions;
  readonly environment?: Record<string, string>;
  readonly profile?: Record<string, unknown>;
}): Settings {
  return resolveSettings([{ bucketName: "b", ...sources.given }, sources.ofClass ?? {}], {
    environment: (name) => sources.environment?.[name],
    profile: () => sources.profile ?? {},
  });
}

Deno.test("an option comes from the constructor, then the class, the environment, the profile, and its default", () => {
  const profile = { regionName: "from-profile" };
  const environment = { AWS_S3_REGION_NAME: "from-environment" };
  const ofClass = { regionName: "from-class" };
  const given = { regionName: "given" };
  assertEquals(fromAll({}).regionName, "us-east-1");
  assertEquals(fromAll({ profile }).regionName, "from-profile");
  assertEquals(fromAll({ profile, environment }).regionName, "from-environment");
  assertEquals(fromAll({ profile, environment, ofClass }).regionName, "from-class");
  assertEquals(fromAll({ profile, environment, ofClass, given }).regionName, "given");
});

Deno.test("an option that is undefined in one source comes from the next", () => {
  const given = { regionName: undefined, location: "a" };
  assertEquals(fromAll({ given, ofClass: { regionName: "from-class", location: "b" } }).regionName, "from-class");
});

Deno.test("the profile is the one that sessionProfile names, from any source", () => {
  const asked: (string | undefined)[] = [];
  const profile = (name: string | undefined): Record<string, never> => {
    asked.push(name);
    return {};
  };
  const environment = (name: string): string | undefined => name === "AWS_S3_SESSION_PROFILE" ? "work" : undefined;
  resolveSettings([{ bucketName: "b" }], { environment, profile });
  resolveSettings([{ bucketName: "b", sessionProfile: "home" }], { environment, profile });
  resolveSettings([{ bucketName: "b" }], { environment: () => undefined, profile });
  assertEquals(asked, ["work", "home", undefined]);
});

Deno.test("settings of a profile are checked like others", () => {
  assertThrows(
    () => fromAll({ profile: { addressingStyle: "sideways" } }),
    ConfigurationError,
    "addressingStyle of the profile must be one of auto, virtual, path",
  );
});

Deno.test("credentials of the class are never combined with those of the environment", () => {
  const environment = { AWS_SECRET_ACCESS_KEY: "outside", AWS_SESSION_TOKEN: "outside" };
  const settings = fromAll({ ofClass: { accessKey: "mine" }, environment });
  assertEquals([settings.accessKey, settings.secretKey, settings.securityToken], ["mine", undefined, undefined]);
});

for (
  const keys of [
    { accessKey: "a" },
    { secretKey: "a" },
    { securityToken: "a" },
    { credentials: () => ({ accessKeyId: "a", secretAccessKey: "b" }) },
  ] as S3StorageOptions[]
) {
  Deno.test(`a profile excludes ${Object.keys(keys)[0]}, whatever their sources`, () => {
    const message =
      "sessionProfile (AWS_S3_SESSION_PROFILE) cannot be combined with accessKey, secretKey, securityToken and credentials";
    assertThrows(() => fromAll({ given: { sessionProfile: "work", ...keys } }), ConfigurationError, message);
    const environment = { AWS_S3_SESSION_PROFILE: "work" };
    assertThrows(() => fromAll({ given: keys, environment }), ConfigurationError, message);
  });
}

Deno.test("a profile given in code excludes keys in the environment", () => {
  const environment = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  assertThrows(
    () => fromAll({ given: { sessionProfile: "work" }, environment }),
    ConfigurationError,
    "cannot be combined with",
  );
});

Deno.test("CloudFront's key and its id may come from different sources", () => {
  const settings = fromAll({ given: { cloudfrontKey: "PEM" }, environment: { AWS_CLOUDFRONT_KEY_ID: "K1" } });
  assertEquals([settings.cloudfrontKeyId, settings.cloudfrontKey?.reveal()], ["K1", "PEM"]);
});

Deno.test("fetch cannot be combined with verify and proxies", () => {
  const fetch = (): Promise<Response> => Promise.resolve(new Response());
  for (
    const options of [
      { verify: false },
      { proxies: { http: "http://p" } },
      { clientConfig: { connectTimeout: 1 } },
    ] as S3StorageOptions[]
  ) {
    assertThrows(
      () => fromAll({ given: { fetch, ...options } }),
      ConfigurationError,
      "fetch cannot be combined with verify and proxies",
    );
  }
  fromAll({ given: { fetch }, environment: { AWS_CA_BUNDLE: "/ca.pem" } });
  fromAll({ given: { fetch }, environment: { AWS_S3_CLIENT_CONFIG: '{"connectTimeout":1}' } });
});

const KEYS = { accessKey: "id", secretKey: "secret" };

class MediaStorage extends S3Storage {
  static override settings: S3StorageOptions = { ...KEYS, bucketName: "media-bucket", location: "media" };
}

class ThumbnailStorage extends MediaStorage {
  static override settings: S3StorageOptions = { location: "thumbnails" };
}

Deno.test("a class inherits settings, and the constructor takes precedence", () => {
  const { bucketName, location } = new MediaStorage();
  assertEquals([bucketName, location], ["media-bucket", "media/"]);
  assertEquals([new ThumbnailStorage().bucketName, new ThumbnailStorage().location], ["media-bucket", "thumbnails/"]);
  assertEquals(new ThumbnailStorage({ location: "x", bucketName: "y" }).settings.bucketName, "y");
  assertEquals(S3Storage.settings, {});
});

Deno.test("settings of S3Storage itself apply to all storages", () => {
  S3Storage.settings = { regionName: "eu-west-1", location: "all" };
  try {
    assertEquals(new S3Storage({ bucketName: "b" }).settings.regionName, "eu-west-1");
    const { regionName, location } = new ThumbnailStorage().settings;
    assertEquals([regionName, location], ["eu-west-1", "thumbnails"]);
  } finally {
    S3Storage.settings = {};
  }
});

Deno.test("an unknown setting of a class is refused like one of the constructor", () => {
  class Wrong extends S3Storage {
    static override settings = { bucket: "b" } as S3StorageOptions;
  }
  assertThrows(() => new Wrong(), ConfigurationError, "Unknown option 'bucket'. Did you mean bucketName?");
});

Deno.test("fromSettings() makes a storage of the class, and parses text like variables", () => {
  const storage = MediaStorage.fromSettings({
    AWS_STORAGE_BUCKET_NAME: "never: the class has one",
    AWS_QUERYSTRING_EXPIRE: "60",
    AWS_QUERYSTRING_AUTH: false,
    AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=86400" },
    GZIP_CONTENT_TYPES: ["text/css"],
    AWS_S3_FILE_OVERWRITE: undefined,
  });
  assertInstanceOf(storage, MediaStorage);
  const { bucketName, querystringExpire, querystringAuth, objectParameters, gzipContentTypes } = storage.settings;
  assertEquals([bucketName, querystringExpire, querystringAuth], ["media-bucket", 60, false]);
  assertEquals([objectParameters.CacheControl, gzipContentTypes], ["max-age=86400", ["text/css"]]);
});

Deno.test("settings by their names take precedence over the environment, for each pair of keys", () => {
  const named = (settings: NamedSettings): string | undefined =>
    S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "b", ...settings }).settings.accessKey;
  Deno.env.set("AWS_S3_ACCESS_KEY_ID", "outside");
  Deno.env.set("AWS_S3_SECRET_ACCESS_KEY", "outside");
  try {
    assertEquals(named({ AWS_ACCESS_KEY_ID: "named", AWS_SECRET_ACCESS_KEY: "s" }), "named");
    assertEquals(named({}), "outside");
  } finally {
    Deno.env.delete("AWS_S3_ACCESS_KEY_ID");
    Deno.env.delete("AWS_S3_SECRET_ACCESS_KEY");
  }
  assertEquals(
    named({
      AWS_S3_ACCESS_KEY_ID: "own",
      AWS_S3_SECRET_ACCESS_KEY: "s",
      AWS_ACCESS_KEY_ID: "other",
      AWS_SESSION_TOKEN: "t",
    }),
    "own",
  );
  // The key of the class is not combined with the secret of the settings.
  assertEquals(MediaStorage.fromSettings({ AWS_SECRET_ACCESS_KEY: "s" }).settings.secretKey?.reveal(), "secret");
});

for (
  const [settings, message] of [
    [
      { AWS_STORAGE_BUCKET: "b" },
      "Unknown setting 'AWS_STORAGE_BUCKET'. Did you mean AWS_STORAGE_BUCKET_NAME?",
    ],
    [{ bucketName: "b" }, "Unknown setting 'bucketName'."],
    [
      { AWS_QUERYSTRING_EXPIRE: "1h" },
      'The setting AWS_QUERYSTRING_EXPIRE must be an integer, got "1h"',
    ],
    [{ AWS_QUERYSTRING_AUTH: "no" }, "The setting AWS_QUERYSTRING_AUTH must be true or false"],
    [{ AWS_S3_VERIFY: 1 }, "The setting AWS_S3_VERIFY must be"],
    [{ AWS_LOCATION: null }, "The setting AWS_LOCATION must be text, got null"],
    [{ AWS_LOCATION: "/media" }, "location cannot begin with a leading slash. Found '/media'. Use 'media' instead."],
  ] as [NamedSettings, string][]
) {
  Deno.test(`the settings ${Deno.inspect(settings)} are refused`, () => {
    const error = assertThrows(
      () => S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "b", ...settings }),
      ConfigurationError,
    );
    assertStringIncludes(error.message, message);
  });
}

for (const settings of [undefined, null, "AWS_LOCATION=media", []]) {
  Deno.test(`settings by their names that are ${Deno.inspect(settings)} are refused`, () => {
    assertThrows(
      () => MediaStorage.fromSettings(settings as unknown as NamedSettings),
      ConfigurationError,
      "Settings must be an object, got",
    );
  });
}

/** The options and settings of django-storages' S3 backend. */
const OPTIONS_OF_DJANGO_STORAGES: Readonly<Record<string, string>> = {
  access_key: "AWS_S3_ACCESS_KEY_ID AWS_ACCESS_KEY_ID",
  secret_key: "AWS_S3_SECRET_ACCESS_KEY AWS_SECRET_ACCESS_KEY",
  security_token: "AWS_SESSION_TOKEN AWS_SECURITY_TOKEN",
  session_profile: "AWS_S3_SESSION_PROFILE",
  file_overwrite: "AWS_S3_FILE_OVERWRITE",
  object_parameters: "AWS_S3_OBJECT_PARAMETERS",
  bucket_name: "AWS_STORAGE_BUCKET_NAME",
  querystring_auth: "AWS_QUERYSTRING_AUTH",
  querystring_expire: "AWS_QUERYSTRING_EXPIRE",
  signature_version: "AWS_S3_SIGNATURE_VERSION",
  location: "AWS_LOCATION",
  custom_domain: "AWS_S3_CUSTOM_DOMAIN",
  cloudfront_key_id: "AWS_CLOUDFRONT_KEY_ID",
  cloudfront_key: "AWS_CLOUDFRONT_KEY",
  cloudfront_signer: "",
  addressing_style: "AWS_S3_ADDRESSING_STYLE",
  gzip: "AWS_IS_GZIPPED",
  gzip_content_types: "GZIP_CONTENT_TYPES",
  url_protocol: "AWS_S3_URL_PROTOCOL",
  endpoint_url: "AWS_S3_ENDPOINT_URL",
  proxies: "AWS_S3_PROXIES",
  region_name: "AWS_S3_REGION_NAME",
  use_ssl: "AWS_S3_USE_SSL",
  verify: "AWS_S3_VERIFY",
  max_memory_size: "AWS_S3_MAX_MEMORY_SIZE",
  default_acl: "AWS_DEFAULT_ACL",
  transfer_config: "AWS_S3_TRANSFER_CONFIG",
  client_config: "AWS_S3_CLIENT_CONFIG",
};

for (const [name, settings] of Object.entries(OPTIONS_OF_DJANGO_STORAGES)) {
  Deno.test(`the setting ${name} of django-storages has an option with all its names in order`, () => {
    const option = name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()) as keyof typeof OPTIONS;
    const names = OPTIONS[option].names.slice(0, settings.split(" ").filter(Boolean).length);
    assertEquals(names, settings.split(" ").filter(Boolean));
  });
}

Deno.test("the AWS files are read only if needed, and only the requested profile is used", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-profile-" });
  try {
    const config = `${folder}/config`;
    await Deno.writeTextFile(
      config,
      "[default]\nregion = eu-west-1\nendpoint_url = http://default:1\n" +
        "[profile work]\nregion = eu-west-2\ns3 =\n  addressing_style = path\n  multipart_chunksize = 16MB\n",
    );
    const variables: Record<string, string> = { AWS_CONFIG_FILE: config };
    const read = (options: S3StorageOptions = {}, more: Record<string, string> = {}): Settings =>
      resolveSettings([{ bucketName: "b", ...options }], { environment: (name) => ({ ...variables, ...more })[name] });
    assertEquals([read().regionName, read().endpointUrl?.href], ["eu-west-1", "http://default:1/"]);
    const work = read({ sessionProfile: "work" });
    assertEquals([work.regionName, work.addressingStyle, work.transferConfig.partSize], ["eu-west-2", "path", 2 ** 24]);
    assertEquals(read({}, { AWS_PROFILE: "work" }).regionName, "eu-west-2");
    assertEquals(read({ regionName: "auto" }).regionName, "auto");
    assertThrows(() => read({ sessionProfile: "wrk" }), ConfigurationError, "Did you mean work?");
    const ignoring = { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true", AWS_ENDPOINT_URL: "http://variable:1" };
    assertEquals(read({}, ignoring).endpointUrl, undefined);
    assertEquals(read({ endpointUrl: "http://given:1" }, ignoring).endpointUrl?.host, "given:1");
    await Deno.writeTextFile(config, "[profile deaf]\nignore_configured_endpoint_urls = true\n");
    const deaf = { AWS_S3_SESSION_PROFILE: "deaf", AWS_ENDPOINT_URL: "http://variable:1" };
    assertEquals(read({}, deaf).endpointUrl, undefined);
    assertEquals(read({ sessionProfile: "deaf" }, { AWS_ENDPOINT_URL_S3: "http://v:1" }).endpointUrl, undefined);
    assertEquals(read({}, { AWS_ENDPOINT_URL: "http://variable:1" }).endpointUrl?.host, "variable:1");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
