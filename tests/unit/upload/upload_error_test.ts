import { assertEquals } from "@std/assert";
import { UploadError } from "../../../src/upload/upload_error.ts";

Deno.test("UploadError responds with its code's status, and shows no control characters", async () => {
  const cause = new Error("below");
  const error = new UploadError("AlreadyExists", "File '\x1b[2J' exists", { cause });
  assertEquals([error.name, error.status, error.cause, error.stored], ["UploadError", 409, cause, []]);
  const response = error.toResponse();
  const body = await response.json();
  assertEquals([response.status, body.error.code, body.error.message.includes("\x1b")], [409, "AlreadyExists", false]);
});
