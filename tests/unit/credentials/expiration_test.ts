import { assertEquals, assertThrows } from "@std/assert";
import { readExpiration } from "../../../src/credentials/expiration.ts";
import { readCredentials } from "../../../src/credentials/sdk_shape.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const KEYS = { accessKeyId: "id", secretAccessKey: "hunter2", sessionToken: "hunter2-token" };
const NOON = new Date("2030-01-31T12:00:00Z");

Deno.test("readExpiration() reads every form of a date that the AWS SDKs accept", () => {
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
    " 2030-01-31T12:00:00Z\n",
    "Thu, 31 Jan 2030 12:00:00 GMT",
    "Thu, 31 Jan 2030 13:00:00 +0100",
    "31 Jan 2030 12:00:00 UTC",
    "Thursday, 31-Jan-2030 12:00:00 GMT",
    "Thu Jan 31 12:00:00 UTC 2030",
    1_896_091_200,
    1_896_091_200_000,
    "1896091200",
    "1896091200.000",
    "1896091200000",
  ];
  for (const value of same) assertEquals(readExpiration(value), NOON, `${value}`);
  assertEquals(readExpiration("2099-05-16T19:19:29UTC"), new Date("2099-05-16T19:19:29Z"));
  assertEquals(readExpiration("2030-01-31T12:00:00.123456789Z"), new Date("2030-01-31T12:00:00.123Z"));
  assertEquals(readExpiration("2016-12-31T23:59:60Z"), new Date("2017-01-01T00:00:00Z"));
  for (const none of [undefined, null, ""]) assertEquals(readExpiration(none), undefined);
});

Deno.test("readExpiration() refuses what is no time", () => {
  const wrong: unknown[] = [
    ..."soon|2030-13-31T12:00:00Z|2030-02-30T12:00:00Z|2030-01-31T24:00:00Z|2030-01-31T12:60:00Z".split("|"),
    ..."2030-01-31T12:00:00 CET|2030-01-31T12:00:00Zulu|31 Foo 2030 12:00:00 GMT|2030-01-31|2030-01-31T12:00:00|2030-01-31 12:00|Thu Jan 31 12:00:00 2030|2030-01-31T|-1|0|1e9|12:00"
      .split("|"),
    ...[NaN, -1, Infinity, true, {}, [], new Date(NaN)],
  ];
  for (const value of wrong) assertThrows(() => readExpiration(value), ConfigurationError, "expiration", `${value}`);
});

Deno.test("readExpiration() takes a Date, a time with its zone, or seconds or milliseconds since 1970", () => {
  const same = [
    new Date("2030-01-31T12:00:00Z"),
    "2030-01-31T12:00:00Z",
    "2030-01-31T12:00:00.000Z",
    "2030-01-31T13:00:00+01:00",
    "2030-01-31T12:00:00.000000+0000",
    "2030-01-31 12:00:00+00:00",
    1_896_091_200,
    1_896_091_200_000,
  ];
  for (const expiration of same) {
    const credentials = readCredentials({ ...KEYS, expiration });
    assertEquals(credentials, { ...KEYS, expiration: new Date("2030-01-31T12:00:00Z") });
  }
  for (const none of [undefined, null, ""]) assertEquals(readExpiration(none), undefined);
});

Deno.test("readExpiration() refuses and shows other values, and readCredentials() no credentials", () => {
  const wrong: unknown[] = ["tomorrow", "2030-01-31", "2030-01-31T12:00:00", "2030-13-31T12:00:00Z"];
  for (const expiration of [...wrong, NaN, 0, -1, Infinity, 1e300, true, {}, new Date(NaN)]) {
    const { message } = assertThrows(() => readCredentials({ ...KEYS, expiration }), ConfigurationError, "expiration");
    assertEquals(message.includes("hunter2"), false);
  }
  assertThrows(() => readExpiration("tomorrow"), ConfigurationError, 'got "tomorrow"');
});
