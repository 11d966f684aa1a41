import { assertEquals } from "@std/assert";
import { amzDate } from "../../../src/aws/amz_values.ts";

Deno.test("amzDate() formats whole seconds", () => {
  assertEquals(amzDate(new Date("2013-05-24T00:00:00.999Z")), "20130524T000000Z");
});
