import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import {
  checkBucketUrl,
  checkDate,
  checkExpiry,
  checkHeaders,
  checkKey,
  checkMethod,
  checkQuery,
  checkSetting,
} from "../../../../src/signing/presign/checks.ts";

Deno.test("checkBucketUrl() returns the origin and the encoded path with a trailing slash", () => {
  assertEquals(checkBucketUrl("http://localhost:9000"), { origin: "http://localhost:9000", path: "/" });
  assertEquals(checkBucketUrl("https://h.example/a b"), { origin: "https://h.example", path: "/a%20b/" });
  assertEquals(checkBucketUrl("https://h.example//").path, "/");
  assertEquals(checkBucketUrl("https://h.example/a//").path, "/a/");
  for (const url of ["", "localhost", "ftp://h", "http://u:p@h", "http://h?q", "http://h#f"]) {
    assertThrows(() => checkBucketUrl(url), ConfigurationError, "Cannot sign: bucketUrl must be an http or https URL");
    assertThrows(() => checkBucketUrl(url, "sign URL"), TypeError, "Cannot sign URL: bucketUrl must be an http");
  }
});

Deno.test("checkSetting() refuses names that no scope can hold, and shows them", () => {
  assertEquals(checkSetting("region", "eu-west-1"), "eu-west-1");
  assertThrows(
    () => checkSetting("region", "eu/west"),
    ConfigurationError,
    'region must be letters, digits or any of .-_, got "eu/west"',
  );
  assertThrows(() => checkSetting("region", "eu/west", "sign URL"), TypeError, "Cannot sign URL: region must be");
});

Deno.test("checkExpiry() takes integers from 1 to 604800", () => {
  assertEquals([checkExpiry(1), checkExpiry(604_800)], [1, 604_800]);
  for (const seconds of [0, 1.5, 604_801, NaN]) {
    assertThrows(
      () => checkExpiry(seconds),
      RangeError,
      `Cannot sign: expiresIn must be an integer from 1 to 604800, got ${seconds}`,
    );
  }
  assertThrows(
    () => checkExpiry("60" as unknown as number, "sign URL for 'a'"),
    TypeError,
    "Cannot sign URL for 'a': ",
  );
});

Deno.test("checkDate() takes dates whose year has four digits", () => {
  const date = new Date("9999-12-31T23:59:59Z");
  assertEquals(checkDate(date), date);
  for (const wrong of [new Date(NaN), new Date("+010000-01-01T00:00:00Z"), new Date("-000001-01-01T00:00:00Z")]) {
    assertThrows(() => checkDate(wrong), RangeError, "date must be a valid date");
  }
  assertThrows(
    () => checkDate(0 as unknown as Date),
    TypeError,
    "date must be a valid date from the year 0 to 9999, got 0",
  );
});

Deno.test("checkKey() refuses path traversal and lone surrogates", () => {
  assertEquals(checkKey("a/..b/c."), "a/..b/c.");
  for (const key of ["..", "a/../b", "./a", "a/."]) {
    assertThrows(() => checkKey(key), TypeError, `got ${JSON.stringify(key)}`);
  }
  assertThrows(() => checkKey("\ud800"), TypeError, "without lone surrogates");
});

Deno.test("checkMethod() takes the methods of S3", () => {
  assertEquals(checkMethod("PUT"), "PUT");
  assertThrows(() => checkMethod("put"), TypeError, "one of GET, HEAD, PUT, POST, DELETE");
});

Deno.test("checkQuery() refuses repeated names and the parameters of signatures", () => {
  assertEquals(checkQuery({ partNumber: "1" }), [["partNumber", "1"]]);
  for (const query of [[["a", "1"], ["a", "2"]], [["X-Amz-Date", "1"]], [["Signature", "1"]]] as const) {
    assertThrows(() => checkQuery(query), TypeError, "given once, and no parameter of signatures");
  }
  assertThrows(() => checkQuery({ "X-Amz-Meta": "1" }), TypeError, "in lower case");
});

Deno.test("checkHeaders() sorts headers, trims values and shows no value", () => {
  assertEquals(checkHeaders({ "X-B": " 1  2 ", a: "3" }), [["a", "3"], ["x-b", "1 2"]]);
  const error = assertThrows(() => checkHeaders({ "x-key": "hünter2" }), TypeError, "headers.x-key must be text");
  assertEquals(error.message.includes("nter2"), false);
});
