import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { readCredentials } from "../../../src/credentials/sdk_shape.ts";
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

Deno.test("readCredentials() names the malformed part", () => {
  for (const given of [undefined, null, "hunter2", {}, { accessKeyId: 1 }]) {
    assertThrows(() => readCredentials(given), ConfigurationError, "accessKeyId");
  }
  assertThrows(() => readCredentials({ accessKeyId: "id" }), ConfigurationError, "secretAccessKey");
  const { message } = assertThrows(() => readCredentials({ ...KEYS, sessionToken: "hunter2\n" }), ConfigurationError);
  assertEquals(message, "The sessionToken of the credentials must be text in printable ASCII");
});
