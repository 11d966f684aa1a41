import { assertEquals, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import {
  Presigner,
  type PresignOptions,
  presignUrl,
  type PresignUrlOptions,
  presignUrlV2,
} from "../../../../src/signing/mod.ts";

const CREDENTIALS = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const BUCKET = { bucketUrl: "https://test-bucket.s3.amazonaws.com", region: "us-east-1", credentials: CREDENTIALS };
const OPTIONS = { ...BUCKET, date: new Date("2013-05-24T00:00:00Z") };

/** Signs with version 2, with the options of version 4. */
function signV2({ region: _region, ...options }: PresignUrlOptions): string {
  return presignUrlV2({ bucket: "test-bucket", ...options });
}

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

function signature(url: string): string | null {
  const { searchParams } = new URL(url);
  return searchParams.get("X-Amz-Signature") ?? searchParams.get("Signature");
}

Deno.test("presignUrl() and presignUrlV2() give the signatures of django-storages", () => {
  const v4 = (options: Partial<Parameters<typeof presignUrl>[0]>): string | null =>
    signature(presignUrl({ ...OPTIONS, key: "a.txt", ...options }));
  const v2 = (options: Partial<PresignUrlOptions>): string | null =>
    signature(signV2({ ...OPTIONS, key: "a.txt", ...options }));
  const odd = { key: "path/to/ñ f+l&e.txt" };
  const put = { method: "PUT", expiresIn: 60 } as const;
  const token = { credentials: { ...CREDENTIALS, sessionToken: "TOK/=" } };
  const query = {
    "response-content-disposition": 'attachment; filename="x y.txt"',
    versionId: "v1",
    "response-content-type": "text/plain",
  };
  // Those URLs have a virtual host without a region.
  const ireland = { region: "eu-west-1" };
  const path = { region: "eu-west-1", bucketUrl: "https://s3.eu-west-1.amazonaws.com/test-bucket" };
  const local = { bucketUrl: "http://localhost:9000/test-bucket" };
  assertEquals(v4(odd), "bb4cb17eb8e3d612e0eccc64ec44b5cc7f198be8e50ab874f0d95e87c61549ac");
  assertEquals(v4(ireland), "8067e0fb209616a25dd68d595c3284fa277c97d6d44478b5cf7540c25bd7b123");
  assertEquals(v4(path), "1c5ed4bd1a23d729b63669dcd5b4b93d977adc91baec205b554830b4da21a017");
  assertEquals(v4(local), "3adcacdf87c02892e1c42b7e73fdc40ed16ea16df5e28d8f3e78ca91b42accb7");
  assertEquals(v4(put), "3d15a1660fe983a9aa9b36da5fb1f133a5b6ecbe0820230968a9c14fc4e0eaa6");
  assertEquals(v4(token), "7c1fc6a80d9180b609ef1084f5a1583f1f9017789ab9a60a89405fb4de387fb5");
  assertEquals(v4({ query }), "36cf4a22aac702c88a12ddd37a0d3f897d0fd8d94184d1b7ffa345bc284ee276");
  assertEquals(v2(odd), "U+U4Wg/1lqW9UMBNt0ttup9FlNw=");
  assertEquals(v2(put), "Tip5PFDVj5PT0LtWgO+Q04RCkWI=");
  assertEquals(v2(token), "KaeIsmF3oPGn12k9D3QW+bCZywg=");
  assertEquals(v2({ query }), "f1LrphnnHIUj4g+SB9aUnNUWbOU=");
});

Deno.test("Presigner.url() does not depend on earlier URLs", () => {
  const one = (key: string, options: PresignOptions): string => presignUrl({ ...OPTIONS, ...options, key });
  const presigner = new Presigner(BUCKET);
  const second = (seconds: number): Date => new Date(OPTIONS.date.getTime() + seconds * 1000);
  const calls: Array<[string, PresignOptions]> = [
    ["a", { date: second(0) }],
    ["b", { date: second(0), headers: { "content-type": "text/plain" } }],
    ["c", { date: second(0), headers: { "content-type": "text/html" } }],
    ["d", { date: second(0.999), expiresIn: 1 }],
    ["e", { date: second(86_400) }],
    ["a", { date: second(0), method: "HEAD" }],
    ...Array.from({ length: 40 }, (_, index): [string, PresignOptions] => ["f", { date: second(index) }]),
    ["a", { date: second(0) }],
  ];
  for (const [key, options] of calls) {
    const fresh = presignUrl({ ...OPTIONS, ...options, key, credentials: { ...CREDENTIALS } });
    assertEquals(presigner.url(key, options), fresh);
    assertEquals(one(key, options), fresh);
  }
});

Deno.test("Presigner.url() signs trimmed and sorted headers in lower case, and the body's hash by its header", () => {
  const url = (headers: Record<string, string>): string => presignUrl({ ...OPTIONS, method: "PUT", key: "a", headers });
  const messy = url({ "X-Amz-Meta-B": "  two   words ", "Content-Type": "text/plain" });
  assertEquals(messy, url({ "content-type": "text/plain", "x-amz-meta-b": "two words" }));
  assertStringIncludes(messy, "&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-meta-b&");
  assertEquals(url({}), presignUrl({ ...OPTIONS, method: "PUT", key: "a" }));
  const hashed = (hash: string): string | null => signature(url({ "x-amz-content-sha256": hash }));
  assertNotEquals(hashed("a".repeat(64)), hashed("b".repeat(64)));
});

Deno.test("Presigner.url() takes another service, each form of query, and defaults to one hour", () => {
  assertStringIncludes(presignUrl({ ...OPTIONS, key: "a", service: "s3express" }), "%2Fs3express%2Faws4_request");
  const pairs: Array<[string, string]> = [["partNumber", "1"], ["uploadId", "x/y"]];
  const url = presignUrl({ ...OPTIONS, key: "a", query: pairs });
  assertStringIncludes(url, "?partNumber=1&uploadId=x%2Fy&X-Amz-Algorithm=");
  assertStringIncludes(url, "&X-Amz-Expires=3600&");
  assertEquals(presignUrl({ ...OPTIONS, key: "a", query: Object.fromEntries(pairs) }), url);
  assertEquals(presignUrl({ ...OPTIONS, key: "a", query: new URLSearchParams(pairs) }), url);
});

Deno.test("Presigner encodes the path of bucketUrl as S3 signs it", () => {
  for (
    const bucketUrl of ["http://h.example/a%20b(c)", "http://h.example/a b(c)/", new URL("http://h.example/a b(c)")]
  ) {
    assertEquals(presignUrl({ ...OPTIONS, bucketUrl, key: "k" }).split("?")[0], "http://h.example/a%20b%28c%29/k");
  }
});

Deno.test("Presigner refuses malformed options, with no secret in the message", () => {
  const refused = (options: Wrong, text: string): void => {
    const error = assertThrows(() => new Presigner({ ...BUCKET, ...options }), ConfigurationError, text);
    assertEquals(/hunter2|wJalr/.test(`${error.message}${Deno.inspect(error)}`.replace(/ {4}at .*/g, "")), false);
  };
  for (
    const bucketUrl of [
      "",
      "h.example",
      "ftp://h.example",
      "https://u:hunter2@h.example",
      "https://h.example?a=hunter2",
      "https://h.example#a",
      "https://h.example/%zz",
      undefined,
    ]
  ) refused({ bucketUrl }, "bucketUrl must be");
  for (const region of ["", "eu west", "a/b", undefined]) refused({ region }, "region must be");
  refused({ service: "s3\n" }, "service must be");
  refused({ credentials: undefined }, "credentials must be");
  refused({ credentials: { accessKeyId: "id", secretAccessKey: "" } }, "credentials must be");
  refused({ credentials: { ...CREDENTIALS, sessionToken: 7 } }, "credentials must be");
});

Deno.test("presignUrl() and presignUrlV2() refuse an expiry or a date out of range with RangeError", () => {
  for (const [make, most] of [[presignUrl, 604_800], [signV2, 3_153_600_000]] as const) {
    for (const expiresIn of [0, -1, most + 1, 1.5, NaN, Infinity]) {
      assertThrows(() => make({ ...OPTIONS, key: "a", expiresIn }), RangeError, "expiresIn must be");
    }
    assertThrows(() => make({ ...OPTIONS, key: "a", expiresIn: "60" as Wrong }), TypeError, "expiresIn must be");
    for (const expiresIn of [1, most]) make({ ...OPTIONS, key: "a", expiresIn });
    for (const date of [new Date(NaN), new Date("+010000-01-01T00:00:00Z")]) {
      assertThrows(() => make({ ...OPTIONS, key: "a", date }), RangeError, "date must be");
    }
  }
});

Deno.test("presignUrl() and presignUrlV2() refuse what no request can carry with TypeError", () => {
  for (const make of [presignUrl, signV2]) {
    const refused = (options: Wrong, text: string): void => {
      assertThrows(() => make({ ...OPTIONS, key: "a", ...options }), TypeError, text);
    };
    for (const key of ["", ".", "..", "a/../b", "./a", "a/.", "a/..", "\ud800", 7]) refused({ key }, "key must be");
    for (const method of ["", "get", "GET /", "GET\n"]) refused({ method }, "method must be");
    for (const name of ["", "a b", "a:", "a\n", "ü", "Host"]) refused({ headers: { [name]: "x" } }, "a header's name");
    refused({ headers: { "x-amz-a": "1", "X-Amz-A": "2" } }, "a header's name");
    for (const value of ["a\nb", "ü", 7]) refused({ headers: { "x-amz-a": value } }, "headers.x-amz-a must be");
    const headers = { "x-amz-server-side-encryption-customer-key": "hunter2\n" };
    const { message } = assertThrows(() => make({ ...OPTIONS, key: "a", headers }), TypeError, "customer-key must be");
    assertEquals(message.includes("hunter2"), false);
    refused({ query: { a: "\udc00" } }, "query.a must be");
    refused({ query: [["a", "1"], ["a", "2"]] }, "given once");
    refused({ query: { a: 7 } }, "query.a must be");
    refused({ query: { "\ud800": "a" } }, "a query parameter's name must be");
  }
});

Deno.test("presignUrl() and presignUrlV2() refuse the parameters of either signature, in any case", () => {
  const own = [
    ..."Algorithm Content-Sha256 Credential Date Expires Security-Token Signature SignedHeaders".split(" ")
      .map((name) => `X-Amz-${name}`),
    ...["AWSAccessKeyId", "Signature", "Expires"],
  ];
  for (const make of [presignUrl, signV2]) {
    for (const name of own.flatMap((one) => [one, one.toLowerCase(), one.toUpperCase()])) {
      assertThrows(
        () => make({ ...OPTIONS, key: "a", query: { [name]: "1" } }),
        TypeError,
        "no parameter of signatures",
      );
    }
    for (const name of ["X-Amz-Acl", "X-AMZ-COPY-SOURCE", "x-amz-Acl", "x-aMz-meta-a"]) {
      assertThrows(() => make({ ...OPTIONS, key: "a", query: { [name]: "1" } }), TypeError, "in lower case");
    }
    make({ ...OPTIONS, key: "a..b/...", query: { "x-amz-checksum-mode": "ENABLED", "response-expires": "0" } });
  }
});

Deno.test("presignUrl() and presignUrlV2() sign the methods of S3's operations and no others", () => {
  for (const make of [presignUrl, signV2]) {
    for (const method of ["GET", "HEAD", "PUT", "POST", "DELETE"] as const) make({ ...OPTIONS, key: "a", method });
    for (const method of ["GTE", "PATCH", "OPTIONS", "CONNECT", "G", "toString"]) {
      const wrong = { ...OPTIONS, key: "a", method: method as Wrong };
      assertThrows(() => make(wrong), TypeError, "method must be one of GET, HEAD, PUT, POST, DELETE");
    }
  }
});
