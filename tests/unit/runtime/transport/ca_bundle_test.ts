import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readCaBundle } from "../../../../src/runtime/transport/ca_bundle.ts";

Deno.test("readCaBundle() names what it cannot read, but never shows a text", () => {
  assertThrows(
    () => readCaBundle("/no/such/ca.pem"),
    ConfigurationError,
    'verify must be true, false, or a CA bundle as a path or as PEM text: cannot read "/no/such/ca.pem"',
  );
  const error = assertThrows(() => readCaBundle("-----BEGIN hunter2"), ConfigurationError, "the given text has no");
  assertEquals(`${error.message}${error.stack}`.includes("hunter2"), false);
});
