import { assertEquals } from "@std/assert";
import { PARAMETER_HEADERS, parameterOf } from "../../../src/settings/parameter_headers.ts";

Deno.test("parameterOf() finds write parameters by header, ignoring case", () => {
  assertEquals(parameterOf("Cache-Control"), "CacheControl");
  assertEquals(parameterOf("X-Amz-Acl"), "ACL");
  assertEquals(parameterOf("x-amz-checksum-mode"), undefined);
  assertEquals(parameterOf("vary"), undefined);
});

Deno.test("PARAMETER_HEADERS has the parameters of all operations in each list", () => {
  const { all, part, read, write } = PARAMETER_HEADERS;
  for (const operation of [part, read, write]) assertEquals({ ...operation, ...all }, operation);
  assertEquals({ ...write, ...part }, write);
});
