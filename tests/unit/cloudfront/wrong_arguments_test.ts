/** Wrong arguments of every public function of `@storages/s3/cloudfront`: what each call says. */
import { assertEquals, assertRejects } from "@std/assert";
import * as entry from "../../../src/cloudfront/mod.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { ecdsaSigner, KEY_ID, RSA_PKCS8_PEM } from "./keys.ts";

const URL = "https://cdn.example.com/a";
const PATTERN = "https://cdn.example.com/*";
const PREFIX = "https://cdn.example.com/albums/";

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

/** A call with wrong arguments, and the message of its error. */
type Row = readonly [call: string, kind: new (message: string) => Error, run: () => unknown, message: string];

const signer = ecdsaSigner();
const sign = (wrong: Wrong): unknown => signer.sign(URL, wrong);
const cookies = (wrong: Wrong): unknown => signer.cookies(PATTERN, wrong);
const reuse = (wrong: Wrong): unknown => signer.reuse(PREFIX, wrong);
const policy = (wrong: Wrong): unknown => entry.cloudFrontPolicy(URL, wrong);
const make = (wrong: Wrong): unknown => new entry.CloudFrontSigner(wrong);

const SECONDS = "expiresIn must be more than 0 seconds and end at a valid date";
const ADDRESS = "ipAddress must be an IPv4 address or range";

/** The rows of the limits of a policy, which four calls share. */
function limitRows(name: string, action: string, run: (wrong: Wrong) => unknown): Row[] {
  const row = (wrong: Record<string, unknown>, kind: Row[1], message: string): Row => {
    const shown = Object.entries(wrong).map(([option, value]) => `${option}: ${Deno.inspect(value)}`).join(", ");
    return [`${name}({ ${shown} })`, kind, () => run(wrong), `Cannot ${action}: ${message}`];
  };
  return [
    [`${name}(60)`, TypeError, () => run(60), `Cannot ${action}: options must be an object, got 60`],
    [
      `${name}(undefined)`,
      TypeError,
      () => run(undefined),
      `Cannot ${action}: options must be an object, got undefined`,
    ],
    row({ expires: new Date(0) }, TypeError, "unknown option 'expires'. Did you mean expires"),
    row({ expiresInSeconds: 60 }, TypeError, "unknown option 'expiresInSeconds'."),
    row({ starts: new Date(0) }, TypeError, "unknown option 'starts'. Did you mean startsAt?"),
    row({ dateLessThan: 60 }, TypeError, "unknown option 'dateLessThan'. Known are expiresAt, expiresIn, startsAt, "),
    row({}, TypeError, "exactly one of expiresAt and expiresIn must be given"),
    row({ expiresIn: "60" }, TypeError, `${SECONDS}, got "60"`),
    row({ expiresIn: null }, TypeError, `${SECONDS}, got null`),
    row({ expiresIn: 0 }, RangeError, `${SECONDS}, got 0`),
    row({ expiresIn: Infinity }, RangeError, `${SECONDS}, got Infinity`),
    row({ expiresAt: 1_900_000_000 }, TypeError, "expiresAt must be a date from 1970 on, got 1900000000"),
    row({ expiresAt: "2030-01-01" }, TypeError, 'expiresAt must be a date from 1970 on, got "2030-01-01"'),
    row({ expiresAt: new Date(NaN) }, RangeError, 'expiresAt must be a date from 1970 on, got "Invalid Date"'),
    row({ expiresIn: 60, startsAt: 0 }, TypeError, "startsAt must be a date from 1970 on, got 0"),
    row(
      { expiresIn: 60, startsAt: new Date(NaN) },
      RangeError,
      'startsAt must be a date from 1970 on, got "Invalid Date"',
    ),
    row({ expiresAt: new Date(0), startsAt: new Date(0) }, RangeError, "startsAt must be before expiresAt (0), got 0"),
    row({ expiresIn: 60, ipAddress: 5 }, TypeError, `${ADDRESS}, got 5`),
    row({ expiresIn: 60, ipAddress: "::1" }, TypeError, `${ADDRESS}, got "::1"`),
  ];
}

const ROWS: Row[] = [
  ...limitRows("cloudFrontPolicy", `write policy for '${URL}'`, policy),
  [
    "cloudFrontPolicy('https://ü')",
    TypeError,
    () => entry.cloudFrontPolicy("https://ü", { expiresIn: 60 }),
    `Cannot write policy for 'https://ü': the resource must be percent-encoded, got "https://ü"`,
  ],
  [
    "cloudFrontPolicy(5)",
    TypeError,
    () => entry.cloudFrontPolicy(5 as Wrong, { expiresIn: 60 }),
    "Cannot write policy for '5': the resource must be percent-encoded, got 5",
  ],
  [
    "cloudFrontPolicy({ now: new Date() })",
    TypeError,
    () => policy({ expiresIn: 60, now: new Date() }),
    `Cannot write policy for '${URL}': now must be a function, got a value of type object`,
  ],
  [
    "cloudFrontPolicy({ now: () => Date.now() })",
    TypeError,
    () => policy({ expiresIn: 60, now: () => 1_800_000_000_000 }),
    `Cannot write policy for '${URL}': now must be a function that returns a valid Date, got 1800000000000`,
  ],

  [
    "new CloudFrontSigner()",
    TypeError,
    () => make(undefined),
    "Cannot make CloudFrontSigner: options must be an object, got undefined",
  ],
  [
    "new CloudFrontSigner({ keyPairId })",
    TypeError,
    () => make({ keyPairId: KEY_ID, privateKey: RSA_PKCS8_PEM }),
    "Cannot make CloudFrontSigner: unknown option 'keyPairId'.",
  ],
  [
    "new CloudFrontSigner({ keyId: 5 })",
    ConfigurationError,
    () => make({ keyId: 5, privateKey: RSA_PKCS8_PEM }),
    "The CloudFront keyId must be an id such as K2JCJMDEHXQW5F",
  ],
  [
    "new CloudFrontSigner({ privateKey: 5 })",
    ConfigurationError,
    () => make({ keyId: KEY_ID, privateKey: 5 }),
    "The CloudFront key is a number: it must be an unencrypted private key",
  ],
  [
    "new CloudFrontSigner({ hash: 'MD5' })",
    ConfigurationError,
    () => make({ keyId: KEY_ID, privateKey: RSA_PKCS8_PEM, hash: "MD5" }),
    "The CloudFront hash must be SHA-1 or SHA-256, got MD5",
  ],
  [
    "new CloudFrontSigner({ now: new Date() })",
    ConfigurationError,
    () => make({ keyId: KEY_ID, privateKey: RSA_PKCS8_PEM, now: new Date() }),
    "The CloudFront now must be a function",
  ],

  ...limitRows("sign", `sign '${URL}'`, sign),
  [
    "sign('/a')",
    TypeError,
    () => signer.sign("/a", { expiresIn: 60 }),
    "Cannot sign '/a': the URL must be absolute http",
  ],
  [
    "sign(5)",
    TypeError,
    () => signer.sign(5 as Wrong, { expiresIn: 60 }),
    "Cannot sign '5': the URL must be absolute http",
  ],
  [
    "sign({ resource: 5 })",
    TypeError,
    () => sign({ resource: 5, expiresIn: 60 }),
    `Cannot sign '${URL}': the resource must be percent-encoded, got 5`,
  ],
  [
    "sign({ policy: {} })",
    TypeError,
    () => sign({ policy: {} }),
    `Cannot sign '${URL}': policy must be text, got a value`,
  ],
  [
    "sign({ policy, expiresIn })",
    TypeError,
    () => sign({ policy: "{}", expiresIn: 60 }),
    `Cannot sign '${URL}': policy excludes all other options`,
  ],
  [
    "sign() of a signer with now: () => Date.now()",
    TypeError,
    () => ecdsaSigner({ now: (() => 1_800_000_000_000) as Wrong }).sign(URL, { expiresIn: 60 }),
    `Cannot sign '${URL}': now must be a function that returns a valid Date, got 1800000000000`,
  ],

  ...limitRows("cookies", `make cookies for '${PATTERN}'`, cookies),
  [
    "cookies('/a')",
    TypeError,
    () => signer.cookies("/a", { expiresIn: 60 }),
    "Cannot make cookies for '/a': the URL must be absolute http",
  ],
  [
    "cookies({ maxAgeSeconds: 60 })",
    TypeError,
    () => cookies({ expiresIn: 60, maxAgeSeconds: 60 }),
    `Cannot make cookies for '${PATTERN}': unknown option 'maxAgeSeconds'.`,
  ],
  [
    "cookies({ maxAge: '60' })",
    TypeError,
    () => cookies({ expiresIn: 60, maxAge: "60" }),
    `Cannot make cookies for '${PATTERN}': maxAge must be an integer of 0 or more, got "60"`,
  ],
  [
    "cookies({ maxAge: -1 })",
    RangeError,
    () => cookies({ expiresIn: 60, maxAge: -1 }),
    `Cannot make cookies for '${PATTERN}': maxAge must be an integer of 0 or more, got -1`,
  ],
  [
    "cookies({ secure: 'false' })",
    TypeError,
    () => cookies({ expiresIn: 60, secure: "false" }),
    `Cannot make cookies for '${PATTERN}': secure must be true or false, got "false"`,
  ],
  [
    "cookies({ httpOnly: 0 })",
    TypeError,
    () => cookies({ expiresIn: 60, httpOnly: 0 }),
    `Cannot make cookies for '${PATTERN}': httpOnly must be true or false, got 0`,
  ],
  [
    "cookies({ sameSite: 'lax' })",
    TypeError,
    () => cookies({ expiresIn: 60, sameSite: "lax" }),
    `Cannot make cookies for '${PATTERN}': sameSite must be "Strict", "Lax" or, if secure, "None", got "lax"`,
  ],
  [
    "cookies({ domain: 5 })",
    TypeError,
    () => cookies({ expiresIn: 60, domain: 5 }),
    `Cannot make cookies for '${PATTERN}': domain must be a host name, got 5`,
  ],
  [
    "cookies({ path: 'members' })",
    TypeError,
    () => cookies({ expiresIn: 60, path: "members" }),
    `Cannot make cookies for '${PATTERN}': path must be a path that begins with a slash, got "members"`,
  ],

  ...limitRows("reuse", `sign prefix '${PREFIX}'`, reuse),
  [
    "reuse('/albums/')",
    TypeError,
    () => signer.reuse("/albums/", { expiresIn: 60 }),
    "Cannot sign prefix '/albums/': the URL must be absolute http",
  ],
  [
    "reuse() with a wildcard",
    TypeError,
    () => signer.reuse(PATTERN, { expiresIn: 60 }),
    `Cannot sign prefix '${PATTERN}': it must not have a query or a wildcard`,
  ],
  [
    "ReusablePolicy.sign(5)",
    TypeError,
    async () => (await signer.reuse(PREFIX, { expiresIn: 60 })).sign(5 as Wrong),
    "Cannot sign '5': the URL must be absolute http",
  ],
  [
    "ReusablePolicy.sign() of another URL",
    RangeError,
    async () => (await signer.reuse(PREFIX, { expiresIn: 60 })).sign(URL),
    `Cannot sign '${URL}': it must begin with ${PREFIX}`,
  ],
];

for (const [call, kind, run, message] of ROWS) {
  Deno.test(`${call} throws ${kind.name}`, async () => {
    const error = await assertRejects(async () => await run(), kind, message);
    assertEquals([error.name, error.message.includes("hunter2")], [kind.name, false]);
  });
}

Deno.test("every public function of the CloudFront entry has rows of wrong arguments", () => {
  const functions = Object.entries(entry).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const named = functions.filter((name) => ROWS.some(([call]) => call.includes(`${name}(`)));
  assertEquals(named, functions);
});
