import { assertEquals } from "@std/assert";
import { serve } from "./served_server.ts";

/** The path of the executable of Bun; the test is skipped without it. */
const BUN = Deno.env.get("BUN");

Deno.test({
  name: "the S3 client of Bun works with the in-memory server",
  ignore: BUN === undefined,
  fn: async () => {
    await using served = serve();
    const script = new URL("bun_client.ts", import.meta.url).pathname;
    const { code, stderr } = await new Deno.Command(BUN!, {
      args: ["run", script],
      env: { S3_ENDPOINT: served.endpoint },
    }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    assertEquals(served.server.objects("media").find(({ key }) => key === "big.bin")?.partCount, 3);
    assertEquals(served.server.openUploads("media"), []);
  },
});
