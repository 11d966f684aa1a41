import { assertEquals } from "@std/assert";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { outcome } from "../authentication/signed_requests.ts";

Deno.test("pages of other origins may read responses only with the option cors", async () => {
  const preflight = (server: S3Server): Promise<Response> =>
    server.fetch(
      new Request("http://localhost/media/a.txt", {
        method: "OPTIONS",
        headers: {
          origin: "https://example.com",
          "access-control-request-method": "PUT",
          "access-control-request-headers": "content-type",
        },
      }),
    );
  assertEquals(await outcome(preflight(createS3Server())), [403, "AccessForbidden"]);
  const open = await preflight(createS3Server({ cors: true }));
  assertEquals([open.status, open.headers.get("access-control-allow-origin")], [200, "*"]);
  assertEquals(open.headers.get("access-control-allow-headers"), "content-type");
});
