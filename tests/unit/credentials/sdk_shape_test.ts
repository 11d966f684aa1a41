import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { readCredentials, readExpiration } from "../../../src/credentials/sdk_shape.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const KEYS = { accessKeyId: "id", secretAccessKey: "hunter2", sessionToken: "hunter2-token" };

Deno.test("readCredentials() returns the same frozen copy of an object until it changes", () => {
  const given = { ...KEYS, expiration: new Date("2030-01-31T12:00:00Z") };
  let before = readCredentials(given);
  assert(Object.isFrozen(before));
  assertEquals(before, given);
  assertStrictEquals(readCredentials(given), before);
  const changes = [
    () => given.accessKeyId = "id2",
    () => given.secretAccessKey = "hunter3",
    () => given.sessionToken = "hunter3-token",
    () => given.expiration.setUTCFullYear(2031),
  ];
  for (const change of changes) {
    const was = { ...before };
    change();
    const after = readCredentials(given);
    assertEquals([after, before], [given, was]);
    before = after;
  }
});

Deno.test("readCredentials() reads getters", () => {
  class Own {
    readonly accessKeyId = "id";
    get secretAccessKey(): string {
      return "hunter2";
    }
  }
  assertEquals(readCredentials(new Own()).secretAccessKey, "hunter2");
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

Deno.test("readCredentials() names the malformed part", () => {
  for (const given of [undefined, null, "hunter2", {}, { accessKeyId: 1 }]) {
    assertThrows(() => readCredentials(given), ConfigurationError, "accessKeyId");
  }
  assertThrows(() => readCredentials({ accessKeyId: "id" }), ConfigurationError, "secretAccessKey");
  const { message } = assertThrows(() => readCredentials({ ...KEYS, sessionToken: "hunter2\n" }), ConfigurationError);
  assertEquals(message, "The sessionToken of the credentials must be text in printable ASCII");
});
