import { assertEquals, assertThrows } from "@std/assert";
import { readIssuedDate } from "../../../src/credentials/issued_date.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const NOON = new Date("2030-01-31T12:00:00Z");

Deno.test("readIssuedDate() reads every form of a date that the AWS SDKs accept", () => {
  const same: unknown[] = [
    NOON,
    "2030-01-31T12:00:00Z",
    "2030-01-31t12:00:00z",
    "2030-01-31T12:00:00.000Z",
    "2030-01-31T12:00:00,000000000Z",
    "2030-01-31T12:00Z",
    "2030-01-31T12:00:00UTC",
    "2030-01-31T12:00:00 UTC",
    "2030-01-31T12:00:00GMT",
    "2030-01-31 12:00:00+00:00",
    "2030-01-31T12:00:00+0000",
    "2030-01-31T12:00:00+00",
    "2030-01-31T13:30:00+01:30",
    "2030-01-31T04:00:00-08",
    "20300131T120000Z",
    "20300131T120000+0000",
    "2030-01-31T12:00:00",
    "2030-01-31 12:00:00",
    " 2030-01-31T12:00:00Z\n",
    "Thu, 31 Jan 2030 12:00:00 GMT",
    "Thu, 31 Jan 2030 13:00:00 +0100",
    "31 Jan 2030 12:00:00 UTC",
    "Thursday, 31-Jan-2030 12:00:00 GMT",
    "Thu Jan 31 12:00:00 2030",
    "Thu Jan 31 12:00:00 UTC 2030",
    1_896_091_200,
    1_896_091_200_000,
    "1896091200",
    "1896091200.000",
    "1896091200000",
  ];
  for (const value of same) assertEquals(readIssuedDate(value), NOON, `${value}`);
  assertEquals(readIssuedDate("2099-05-16T19:19:29UTC"), new Date("2099-05-16T19:19:29Z"));
  assertEquals(readIssuedDate("2030-01-31"), new Date("2030-01-31T00:00:00Z"));
  assertEquals(readIssuedDate("2030-01-31T12:00:00.123456789Z"), new Date("2030-01-31T12:00:00.123Z"));
  assertEquals(readIssuedDate("2016-12-31T23:59:60Z"), new Date("2017-01-01T00:00:00Z"));
  for (const none of [undefined, null, ""]) assertEquals(readIssuedDate(none), undefined);
});

Deno.test("readIssuedDate() refuses what is no time", () => {
  const wrong: unknown[] = [
    ..."soon|2030-13-31T12:00:00Z|2030-02-30T12:00:00Z|2030-01-31T24:00:00Z|2030-01-31T12:60:00Z".split("|"),
    ..."2030-01-31T12:00:00 CET|2030-01-31T12:00:00Zulu|31 Foo 2030 12:00:00 GMT|2030-01-31T|-1|0|1e9|12:00".split("|"),
    ...[NaN, -1, Infinity, true, {}, [], new Date(NaN)],
  ];
  for (const value of wrong) assertThrows(() => readIssuedDate(value), ConfigurationError, "expiration", `${value}`);
});
