/** Wrong arguments of every public function of `@storages/s3/cloudfront/verify`: what each call says. */
import { assertEquals, assertRejects } from "@std/assert";
import * as entry from "../../../../src/cloudfront/verify/mod.ts";
import { opensslKeys, RSA_PKCS8_PEM, RSA_PUBLIC_PEM } from "../keys.ts";

const URL = "https://cdn.example.com/a";

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

/** A call with wrong arguments, and the message of its error. */
type Row = readonly [call: string, kind: new (message: string) => Error, run: () => unknown, message: string];

const urlVerdict = (wrong: Wrong): unknown => entry.verifySignedUrl(URL, wrong);
const cookieVerdict = (wrong: Wrong): unknown => entry.verifySignedCookies({}, URL, wrong);

/** The rows of verification, which two calls share. */
function viewerRows(name: string, run: (wrong: Wrong) => unknown): Row[] {
  const action = `Cannot verify '${URL}'`;
  const publicKey = RSA_PUBLIC_PEM;
  return [
    [`${name}()`, TypeError, () => run(undefined), `${action}: options must be an object, got undefined`],
    [
      `${name}(pair)`,
      TypeError,
      () => run({ publicKey, privateKey: RSA_PKCS8_PEM }),
      `${action}: unknown option 'privateKey'.`,
    ],
    [`${name}({ at: 0 })`, TypeError, () => run({ publicKey, at: 0 }), `${action}: at must be a valid Date, got 0`],
    [
      `${name}({ at: new Date(NaN) })`,
      RangeError,
      () => run({ publicKey, at: new Date(NaN) }),
      `${action}: at must be a valid Date, got "Invalid Date"`,
    ],
    [
      `${name}({ ipAddress: 5 })`,
      TypeError,
      () => run({ publicKey, ipAddress: 5 }),
      `${action}: ipAddress must be text, got 5`,
    ],
  ];
}

/** A URL whose parts can be read, so that the public key is used. */
const SIGNED_URL = `${URL}?Expires=1900000000&Signature=AAAA&Key-Pair-Id=K`;
const CRYPTO_KEYS = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);

function keyRow(name: string, publicKey: unknown, what: string): Row {
  return [
    `verifySignedUrl({ publicKey: ${name} })`,
    TypeError,
    () => entry.verifySignedUrl(SIGNED_URL, { publicKey: publicKey as string }),
    `Cannot verify '${SIGNED_URL}': publicKey must be a public key, RSA or ECDSA P-256, as PEM, DER or an ` +
    `extractable CryptoKey, got one that is ${what}`,
  ];
}

const ROWS: Row[] = [
  ...viewerRows("verifySignedUrl", urlVerdict),
  ...viewerRows("verifySignedCookies", cookieVerdict),
  [
    "verifySignedCookies(5)",
    TypeError,
    () => entry.verifySignedCookies(5 as Wrong, URL, { publicKey: RSA_PUBLIC_PEM }),
    `Cannot verify '${URL}': cookies must be an object of texts or a Cookie header, got 5`,
  ],
  keyRow("undefined", undefined, "missing"),
  keyRow("5", 5, "a value of type number"),
  keyRow("'key'", "key", "not PEM"),
  keyRow("a private PEM", opensslKeys.p256.pkcs8, "a PEM PRIVATE KEY"),
  keyRow("a private CryptoKey", CRYPTO_KEYS.privateKey, "private, extractable: false"),
  keyRow("DER of something else", new Uint8Array([0x30, 0x03, 1, 2, 3]), "of another kind or damaged"),
];

for (const [call, kind, run, message] of ROWS) {
  Deno.test(`${call} throws ${kind.name}`, async () => {
    const error = await assertRejects(async () => await run(), kind, message);
    assertEquals([error.name, error.message.includes("hunter2")], [kind.name, false]);
  });
}

Deno.test("every public function of the entry that verifies has rows of wrong arguments", () => {
  const functions = Object.entries(entry).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const named = functions.filter((name) => ROWS.some(([call]) => call.includes(`${name}(`)));
  assertEquals(named, functions);
});
