/** Wrong arguments of every public function of `@storages/s3/signing`: what each call says. */
import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import * as entry from "../../../src/signing/mod.ts";

const { createPresignedPost, Presigner, presignedPostForm, presignUrl, presignUrlV2 } = entry;

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "hunter2" };
const PLACE = { bucketUrl: "http://localhost:9000/media", region: "us-east-1", credentials: CREDENTIALS };
const V2 = { bucketUrl: PLACE.bucketUrl, bucket: "media", key: "a.txt", credentials: CREDENTIALS };
const POST = { ...PLACE, bucket: "media", key: "a.txt" };
const FILE = new Blob(["storage contents"]);

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

/** A call with wrong arguments, and the message of its error. */
type Row = readonly [call: string, kind: new (message: string) => Error, run: () => unknown, message: string];

const presigner = new Presigner(PLACE);
const url = (...wrong: Wrong[]): unknown => presigner.url("a.txt", ...wrong);
const one = (wrong: Wrong): unknown => presignUrl({ ...PLACE, key: "a.txt", ...wrong });
const v2 = (wrong: Wrong): unknown => presignUrlV2({ ...V2, ...wrong });
const post = (wrong: Wrong): unknown => createPresignedPost({ ...POST, ...wrong });
const form = (...wrong: Wrong[]): unknown => presignedPostForm(...(wrong as Parameters<typeof presignedPostForm>));
const make = (wrong: Wrong): unknown => new Presigner(wrong);

const URL_NAMES = "method, expiresIn, query, headers, date";
const seconds = (most: number): string => `expiresIn must be an integer from 1 to ${most}`;
const DATE = "date must be a valid date from the year 0 to 9999";
const KEY = 'key must be text without "." and ".." segments';
const BUCKET_URL = "bucketUrl must be an http or https URL without user, query and fragment";
const SETTING = "must be letters, digits or any of .-_";

/** The rows of one URL, which the functions for both versions of signatures share. */
function urlRows(name: string, sign: (wrong: Wrong) => unknown, most = 604_800): Row[] {
  const SECONDS = seconds(most);
  const row = (wrong: Record<string, unknown>, kind: Row[1], message: string): Row => {
    const shown = Object.entries(wrong).map(([option, value]) => `${option}: ${Deno.inspect(value)}`).join(", ");
    return [`${name}({ ${shown} })`, kind, () => sign(wrong), `Cannot sign URL for 'a.txt': ${message}`];
  };
  return [
    row({ expiresIn: 0 }, RangeError, `${SECONDS}, got 0`),
    row({ expiresIn: most + 1 }, RangeError, `${SECONDS}, got ${most + 1}`),
    row({ expiresIn: 1.5 }, RangeError, `${SECONDS}, got 1.5`),
    row({ expiresIn: NaN }, RangeError, `${SECONDS}, got NaN`),
    row({ expiresIn: "60" }, TypeError, `${SECONDS}, got "60"`),
    row({ expiresIn: null }, TypeError, `${SECONDS}, got null`),
    row({ date: 0 }, TypeError, `${DATE}, got 0`),
    row({ date: "2030-01-01" }, TypeError, `${DATE}, got "2030-01-01"`),
    row({ date: new Date(NaN) }, RangeError, `${DATE}, got "Invalid Date"`),
    row({ method: "get" }, TypeError, 'method must be one of GET, HEAD, PUT, POST, DELETE, got "get"'),
    row({ method: 1 }, TypeError, "method must be one of GET, HEAD, PUT, POST, DELETE, got 1"),
    row({ query: "a=1" }, TypeError, 'query must be an object or pairs of text, got "a=1"'),
    row({ query: null }, TypeError, "query must be an object or pairs of text, got null"),
    row({ query: ["a=1"] }, TypeError, 'a query parameter must be a pair of texts, got "a=1"'),
    row({ query: { a: 1 } }, TypeError, "query.a must be text without lone surrogates, got 1"),
    row({ headers: "a: 1" }, TypeError, 'headers must be an object of texts, got "a: 1"'),
    row({ headers: null }, TypeError, "headers must be an object of texts, got null"),
    row({ headers: new Headers() }, TypeError, "headers must be an object of texts, got a value of type object"),
    row({ headers: { a: 1 } }, TypeError, "headers.a must be text in printable ASCII"),
  ];
}

const ROWS: Row[] = [
  [
    "url('a.txt', 60)",
    TypeError,
    () => url(60),
    "Cannot sign URL for 'a.txt': options must be an object, got 60",
  ],
  [
    "url('a.txt', null)",
    TypeError,
    () => url(null),
    "Cannot sign URL for 'a.txt': options must be an object, got null",
  ],
  [
    "url('a.txt', { expires: 60 })",
    TypeError,
    () => url({ expires: 60 }),
    `Cannot sign URL for 'a.txt': unknown option 'expires'. Did you mean expiresIn? Known are ${URL_NAMES}`,
  ],
  [
    "url('a.txt', { expiresInSeconds: 60 })",
    TypeError,
    () => url({ expiresInSeconds: 60 }),
    `Cannot sign URL for 'a.txt': unknown option 'expiresInSeconds'.`,
  ],
  ["url(5)", TypeError, () => presigner.url(5 as Wrong), "Cannot sign URL: key must be text without lone surrogates"],
  ["url('../a')", TypeError, () => presigner.url("../a"), `Cannot sign URL for '../a': ${KEY}, got "../a"`],
  ...urlRows("Presigner.url", url),

  [
    "new Presigner()",
    TypeError,
    () => make(undefined),
    "Cannot make Presigner: options must be an object, got undefined",
  ],
  [
    "new Presigner({ regionName })",
    TypeError,
    () => make({ ...PLACE, regionName: "us-east-1" }),
    "Cannot make Presigner: unknown option 'regionName'. Did you mean region? Known are bucketUrl, region, credentials",
  ],
  [
    "new Presigner({ bucketUrl: 'media' })",
    ConfigurationError,
    () => make({ ...PLACE, bucketUrl: "media" }),
    `Cannot sign: ${BUCKET_URL}`,
  ],
  [
    "new Presigner({ region: 5 })",
    ConfigurationError,
    () => make({ ...PLACE, region: 5 }),
    `Cannot sign: region ${SETTING}, got 5`,
  ],
  [
    "new Presigner({ credentials: 'key' })",
    ConfigurationError,
    () => make({ ...PLACE, credentials: "key" }),
    "The accessKeyId of the credentials must be text in printable ASCII",
  ],

  ["presignUrl()", TypeError, () => presignUrl(undefined as Wrong), "Cannot sign URL: options must be an object"],
  [
    "presignUrl({ bucket })",
    TypeError,
    () => one({ bucket: "media" }),
    "Cannot sign URL for 'a.txt': unknown option 'bucket'. Did you mean bucketUrl? Known are " +
    `${URL_NAMES}, bucketUrl, region, credentials, service, key`,
  ],
  ["presignUrl({ key: 5 })", TypeError, () => one({ key: 5 }), "Cannot sign URL: key must be text"],
  [
    "presignUrl({ bucketUrl: 'https://u:hunter2@h' })",
    TypeError,
    () => one({ bucketUrl: "https://u:hunter2@h" }),
    `Cannot sign URL for 'a.txt': ${BUCKET_URL}`,
  ],
  [
    "presignUrl({ region: 'eu west' })",
    TypeError,
    () => one({ region: "eu west" }),
    `Cannot sign URL for 'a.txt': region ${SETTING}, got "eu west"`,
  ],
  [
    "presignUrl({ service: 5 })",
    TypeError,
    () => one({ service: 5 }),
    `Cannot sign URL for 'a.txt': service ${SETTING}, got 5`,
  ],
  [
    "presignUrl({ credentials: undefined })",
    TypeError,
    () => one({ credentials: undefined }),
    "Cannot sign URL for 'a.txt': the accessKeyId of the credentials must be text in printable ASCII",
  ],
  [
    "presignUrl({ credentials: { secretAccessKey: 'hunter2\\n' } })",
    TypeError,
    () => one({ credentials: { accessKeyId: "id", secretAccessKey: "hunter2\n" } }),
    "Cannot sign URL for 'a.txt': the secretAccessKey of the credentials must be text in printable ASCII",
  ],
  ...urlRows("presignUrl", one),

  ["presignUrlV2()", TypeError, () => presignUrlV2(undefined as Wrong), "Cannot sign URL: options must be an object"],
  [
    "presignUrlV2({ region })",
    TypeError,
    () => v2({ region: "us-east-1" }),
    `Cannot sign URL for 'a.txt': unknown option 'region'. Known are ${URL_NAMES}, bucketUrl, bucket, key, credentials`,
  ],
  ["presignUrlV2({ key: '..' })", TypeError, () => v2({ key: ".." }), `Cannot sign URL for '..': ${KEY}, got ".."`],
  [
    "presignUrlV2({ bucketUrl: 5 })",
    TypeError,
    () => v2({ bucketUrl: 5 }),
    `Cannot sign URL for 'a.txt': ${BUCKET_URL}`,
  ],
  [
    "presignUrlV2({ bucket: 5 })",
    TypeError,
    () => v2({ bucket: 5 }),
    `Cannot sign URL for 'a.txt': bucket ${SETTING}, got 5`,
  ],
  [
    "presignUrlV2({ credentials: {} })",
    TypeError,
    () => v2({ credentials: {} }),
    "Cannot sign URL for 'a.txt': the accessKeyId of the credentials must be text in printable ASCII",
  ],
  ...urlRows("presignUrlV2", v2, 3_153_600_000),

  [
    "createPresignedPost()",
    TypeError,
    () => createPresignedPost(undefined as Wrong),
    "Cannot sign form: options must be an object, got undefined",
  ],
  [
    "createPresignedPost({ expires: 60 })",
    TypeError,
    () => post({ expires: 60 }),
    "Cannot sign form for 'a.txt': unknown option 'expires'. Did you mean expiresIn? Known are bucketUrl, bucket, key, ",
  ],
  [
    "createPresignedPost({ Conditions })",
    TypeError,
    () => post({ Conditions: [] }),
    "Cannot sign form for 'a.txt': unknown option 'Conditions'. Did you mean conditions?",
  ],
  ["createPresignedPost({ key: 5 })", TypeError, () => post({ key: 5 }), "Cannot sign form: key must be text"],
  [
    "createPresignedPost({ bucketUrl: 'media' })",
    TypeError,
    () => post({ bucketUrl: "media" }),
    `Cannot sign form for 'a.txt': ${BUCKET_URL}`,
  ],
  [
    "createPresignedPost({ bucket: 'a/b' })",
    TypeError,
    () => post({ bucket: "a/b" }),
    `Cannot sign form for 'a.txt': bucket ${SETTING}, got "a/b"`,
  ],
  [
    "createPresignedPost({ region: undefined })",
    TypeError,
    () => post({ region: undefined }),
    `Cannot sign form for 'a.txt': region ${SETTING}, got undefined`,
  ],
  [
    "createPresignedPost({ credentials: null })",
    TypeError,
    () => post({ credentials: null }),
    "Cannot sign form for 'a.txt': the accessKeyId of the credentials must be text in printable ASCII",
  ],
  [
    "createPresignedPost({ expiresIn: '60' })",
    TypeError,
    () => post({ expiresIn: "60" }),
    `Cannot sign form for 'a.txt': ${seconds(604_800)}, got "60"`,
  ],
  [
    "createPresignedPost({ expiresIn: -1 })",
    RangeError,
    () => post({ expiresIn: -1 }),
    `Cannot sign form for 'a.txt': ${seconds(604_800)}, got -1`,
  ],
  [
    "createPresignedPost({ date: 0 })",
    TypeError,
    () => post({ date: 0 }),
    `Cannot sign form for 'a.txt': ${DATE}, got 0`,
  ],
  [
    "createPresignedPost({ date: new Date(NaN) })",
    RangeError,
    () => post({ date: new Date(NaN) }),
    `Cannot sign form for 'a.txt': ${DATE}, got "Invalid Date"`,
  ],
  [
    "createPresignedPost({ fields: 'acl' })",
    TypeError,
    () => post({ fields: "acl" }),
    `Cannot sign form for 'a.txt': fields must be an object of texts, got "acl"`,
  ],
  [
    "createPresignedPost({ fields: { acl: 1 } })",
    TypeError,
    () => post({ fields: { acl: 1 } }),
    "Cannot sign form for 'a.txt': fields.acl must be text without lone surrogates, got 1",
  ],
  [
    "createPresignedPost({ fields: { key: 'b' } })",
    TypeError,
    () => post({ fields: { key: "b" } }),
    "Cannot sign form for 'a.txt': field 'key' is set by this function",
  ],
  [
    "createPresignedPost({ conditions: { acl: 'private' } })",
    TypeError,
    () => post({ conditions: { acl: "private" } }),
    "Cannot sign form for 'a.txt': conditions must be an array, got a value of type object",
  ],
  [
    "createPresignedPost({ conditions: [['content-length-range', 2, 1]] })",
    TypeError,
    () => post({ conditions: [["content-length-range", 2, 1]] }),
    `Cannot sign form for 'a.txt': invalid condition ["content-length-range",2,1]`,
  ],

  [
    "presignedPostForm()",
    TypeError,
    () => form(),
    "Cannot make form: post.fields must be an object of texts, got undefined",
  ],
  [
    "presignedPostForm(post, 'text')",
    TypeError,
    () => form({ fields: {} }, "text"),
    'Cannot make form: file must be a Blob or a File, got "text"',
  ],
  [
    "presignedPostForm(post, file, 'a.txt')",
    TypeError,
    () => form({ fields: {} }, FILE, "a.txt"),
    'Cannot make form: options must be an object, got "a.txt"',
  ],
  [
    "presignedPostForm(post, file, { filename })",
    TypeError,
    () => form({ fields: {} }, FILE, { filename: "a.txt" }),
    "Cannot make form: unknown option 'filename'. Did you mean fileName? Known are fileName, fields",
  ],
  [
    "presignedPostForm(post, file, { fileName: 5 })",
    TypeError,
    () => form({ fields: {} }, FILE, { fileName: 5 }),
    "Cannot make form: fileName must be text, got 5",
  ],
  [
    "presignedPostForm(post, file, { fields: [] })",
    TypeError,
    () => form({ fields: {} }, FILE, { fields: [] }),
    "Cannot make form: fields must be an object of texts, got a value of type object",
  ],
  [
    "presignedPostForm(post, file, { fields: { a: 1 } })",
    TypeError,
    () => form({ fields: {} }, FILE, { fields: { a: 1 } }),
    "Cannot make form: fields.a must be text without lone surrogates, got 1",
  ],
];

for (const [call, kind, run, message] of ROWS) {
  Deno.test(`${call} throws ${kind.name}`, () => {
    const error = assertThrows(run, kind, message);
    assertEquals([error.name, error.message.includes("hunter2")], [kind.name, false]);
  });
}

Deno.test("every public function of the signing entry has rows of wrong arguments", () => {
  const functions = Object.entries(entry).filter(([, value]) => typeof value === "function").map(([name]) => name);
  const named = functions.filter((name) => ROWS.some(([call]) => call.startsWith(name) || call.includes(` ${name}(`)));
  assertEquals(named, functions);
});
