import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { inspect } from "node:util";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { OPTIONS, type S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";

const resolve = (options: S3StorageOptions, environment: Record<string, string> = {}): Settings =>
  resolveSettings([options], { environment: (name) => environment[name] });

const refuse = (options: unknown, environment: Record<string, string> = {}): string =>
  assertThrows(() => resolve(options as S3StorageOptions, environment), ConfigurationError).message;

Deno.test("a missing bucket is refused with both ways to set it", () => {
  assertEquals(refuse({}), "bucketName is missing: set the option bucketName or AWS_STORAGE_BUCKET_NAME");
});

for (
  const [given, meant] of [
    ["bucket", "bucketName"],
    ["bucket_name", "bucketName"],
    ["bucketname", "bucketName"],
    ["region", "regionName"],
    ["acl", "defaultAcl"],
    ["endpoint_url", "endpointUrl"],
    ["querystring_expire", "querystringExpire"],
  ]
) {
  Deno.test(`the unknown option ${given} is refused with ${meant} as advice`, () => {
    assertStringIncludes(
      refuse({ bucketName: "b", [given!]: "x" }),
      `Unknown option '${given}'. Did you mean ${meant}?`,
    );
  });
}

Deno.test("an unknown option that resembles no other is refused with the page that lists all options", () => {
  const count = Object.keys(OPTIONS).length;
  assertEquals(
    refuse({ bucketName: "b", zzzzzz: 1 }),
    `Unknown option 'zzzzzz'. See docs/settings.md for the ${count} known names.`,
  );
});

Deno.test("a clock that does not return a Date is refused by the constructor", () => {
  for (const [now, got] of [[() => 5, "5"], [() => new Date(NaN), "an invalid Date"], [() => undefined, "undefined"]]) {
    assertStringIncludes(
      refuse({ bucketName: "b", now }),
      `The option now must return a Date, got ${got}: use () => new Date()`,
    );
  }
});

Deno.test("unknown members of transferConfig and clientConfig are refused by name, also those of Object.prototype", () => {
  assertStringIncludes(refuse({ bucketName: "b", transferConfig: { part_size: 1 } }), "Did you mean partSize?");
  assertStringIncludes(
    refuse({ bucketName: "b", clientConfig: { retries: 1 } }),
    "Unknown member of clientConfig 'retries'",
  );
  assertStringIncludes(refuse({ bucketName: "b" }, { AWS_S3_CLIENT_CONFIG: '{"__proto__":1}' }), "'__proto__'");
  assertStringIncludes(refuse({ bucketName: "b", clientConfig: { constructor: 1 } }), "'constructor'");
});

for (const options of [null, "bucket", 5, []]) {
  Deno.test(`options that are ${Deno.inspect(options)} are refused`, () => {
    const message = "the settings of a class, must be an object, got ";
    const wrong = options as unknown as S3StorageOptions;
    assertThrows(() => resolveSettings([wrong], { environment: () => undefined }), ConfigurationError, message);
    assertThrows(() => resolveSettings([{ bucketName: "b" }, wrong]), ConfigurationError, message);
  });
}

for (const text of ["yes", "TRUE ", "on", "2", "constructor", "null"]) {
  Deno.test(`the variable of a boolean is read strictly: '${text}' is refused`, () => {
    assertMatch(
      refuse({ bucketName: "b" }, { AWS_S3_USE_SSL: text }),
      new RegExp(`^The variable AWS_S3_USE_SSL must be true or false .*1 or 0.*, got "${text}"$`),
    );
  });
}

for (
  const [text, verify] of [["False", false], ["0", false], ["TRUE", true], ["1", true], ["no.pem", "no.pem"]] as const
) {
  Deno.test(`verify is ${verify} for ${text} in a variable`, () => {
    assertEquals(resolve({ bucketName: "b" }, { AWS_S3_VERIFY: text }).verify, verify);
  });
}

for (const text of ["1h", "60.0", "6e2", " 60", "0x10", "--1", "100000000000000000000"]) {
  Deno.test(`the variable of an integer is read strictly: '${text}' is refused and shown`, () => {
    const message = refuse({ bucketName: "b" }, { AWS_QUERYSTRING_EXPIRE: text });
    assertStringIncludes(message, "AWS_QUERYSTRING_EXPIRE");
    assertStringIncludes(message, text);
  });
}

for (const text of ["{", "[]", '"text"', "null", "5", "{'a':1}"]) {
  Deno.test(`the variable of an object is read strictly: ${text} is refused`, () => {
    assertStringIncludes(refuse({ bucketName: "b" }, { AWS_S3_OBJECT_PARAMETERS: text }), "AWS_S3_OBJECT_PARAMETERS");
  });
}

Deno.test("an empty variable is treated as unset", () => {
  const names = ["AWS_LOCATION", "AWS_S3_USE_SSL", "AWS_S3_ACCESS_KEY_ID", "AWS_REGION", "AWS_S3_ENDPOINT_URL"];
  for (const name of names) Deno.env.set(name, "");
  try {
    const settings = resolveSettings([{ bucketName: "b" }]);
    assertEquals([settings.location, settings.useSsl, settings.regionName], ["", true, "us-east-1"]);
  } finally {
    for (const name of names) Deno.env.delete(name);
  }
});

const FROM_OUTSIDE = { AWS_ACCESS_KEY_ID: "outside", AWS_SECRET_ACCESS_KEY: "outside", AWS_SESSION_TOKEN: "outside" };

for (
  const [what, options] of [
    ["a key and a secret", { accessKey: "mine", secretKey: "mine" }],
    ["a key alone", { accessKey: "mine" }],
    ["a secret alone", { secretKey: "mine" }],
    ["a token alone", { securityToken: "mine" }],
    ["a provider", { credentials: () => ({ accessKeyId: "mine", secretAccessKey: "mine" }) }],
  ] as [string, S3StorageOptions][]
) {
  Deno.test(`${what} given in code is never combined with credentials from the environment`, () => {
    const { accessKey, secretKey, securityToken } = resolve({ bucketName: "b", ...options }, FROM_OUTSIDE);
    for (const value of [accessKey, secretKey?.reveal(), securityToken?.reveal()]) {
      assert(value === undefined || value === "mine", value);
    }
  });
}

Deno.test("credentials from the environment come from one pair of variables", () => {
  const { accessKey, secretKey, securityToken } = resolve({ bucketName: "b" }, FROM_OUTSIDE);
  assertEquals([accessKey, secretKey?.reveal(), securityToken?.reveal()], ["outside", "outside", "outside"]);
});

Deno.test("the two pairs of variables are two sources, and the session token belongs to the second", () => {
  const own = { AWS_S3_ACCESS_KEY_ID: "own", AWS_S3_SECRET_ACCESS_KEY: "own" };
  const { accessKey, secretKey, securityToken } = resolve({ bucketName: "b" }, { ...FROM_OUTSIDE, ...own });
  assertEquals([accessKey, secretKey?.reveal(), securityToken], ["own", "own", undefined]);
  const half = resolve({ bucketName: "b" }, { ...FROM_OUTSIDE, AWS_S3_ACCESS_KEY_ID: "own" });
  assertEquals([half.accessKey, half.secretKey], ["own", undefined]);
});

Deno.test("the session token belongs to the first pair if the second is missing", () => {
  const own = { AWS_S3_ACCESS_KEY_ID: "own", AWS_S3_SECRET_ACCESS_KEY: "own" };
  for (const name of ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"]) {
    const { accessKey, securityToken } = resolve({ bucketName: "b" }, { ...own, [name]: "token" });
    assertEquals([accessKey, securityToken?.reveal()], ["own", "token"]);
    const { settings } = S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "b", ...own, [name]: "token" });
    assertEquals([settings.accessKey, settings.securityToken?.reveal()], ["own", "token"]);
  }
});

Deno.test("settings are frozen, and do not change with the objects they were made from", () => {
  const objectParameters = { ACL: "private" };
  const transferConfig = { maxConcurrency: 2 };
  const settings = resolve({ bucketName: "b", objectParameters, transferConfig });
  objectParameters.ACL = "public-read";
  transferConfig.maxConcurrency = 100;
  assertEquals([settings.objectParameters.ACL, settings.transferConfig.maxConcurrency], ["private", 2]);
  for (const part of [settings, settings.objectParameters, settings.transferConfig, settings.clientConfig]) {
    assert(Object.isFrozen(part));
  }
});

const SECRET = "hunter2-hunter2";

Deno.test("printed settings show neither the secret nor the token", () => {
  const settings = resolve({ bucketName: "b", accessKey: "id", secretKey: SECRET, securityToken: SECRET });
  const printed = [
    Deno.inspect(settings, { depth: Infinity, showHidden: true }),
    inspect(settings, { depth: Infinity, showHidden: true }),
    JSON.stringify(settings),
  ];
  assertEquals(printed.some((text) => text.includes(SECRET)), false);
});

for (
  const wrong of [
    Number(123456789),
    new String(SECRET),
    [SECRET],
    { toString: () => SECRET },
    () => SECRET,
    new TextEncoder().encode("123456789"),
  ]
) {
  Deno.test(`a secret of the wrong kind (${Object.prototype.toString.call(wrong)}) is not repeated in the error`, () => {
    const message = refuse({ bucketName: "b", accessKey: "id", secretKey: wrong });
    assertStringIncludes(message, "secretKey must be text, got a value of type");
    assertEquals(/hunter2|1234|49,50/.test(message), false, message);
  });
}

Deno.test("a value without a text form is refused with a ConfigurationError too", () => {
  assertStringIncludes(refuse({ bucketName: Object.create(null) }), "bucketName must be text");
});
