import { assertEquals } from "@std/assert";
import { serve } from "./served_server.ts";

/** The path of Bun's executable; without it this test is passed over, and says so. */
const BUN = Deno.env.get("BUN");

Deno.test({
  name: "Bun's own S3 client does all of it",
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
