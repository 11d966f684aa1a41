import { assertEquals } from "@std/assert";
import { DEFAULT_CONTENT_TYPE } from "../../../../src/storage/content/content_type.ts";

Deno.test("the default content type is application/octet-stream", () =>
  assertEquals(DEFAULT_CONTENT_TYPE, "application/octet-stream"));
