import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Attended } from "./attended.ts";

Deno.test("disposing a command stops it and removes its folder", async () => {
  let folder: string;
  {
    await using attended = new Attended(["bash", "-c", "touch kept; pwd >&2; sleep 1000"], /^(\S+)\n/);
    folder = await attended.address;
    assertMatch(folder, /storages-attended-/);
    assertEquals((await Deno.stat(`${folder}/kept`)).isFile, true);
  }
  await assertRejects(() => Deno.stat(folder), Deno.errors.NotFound);
});

Deno.test("a command that ends before it listens reports its output", async () => {
  await using attended = new Attended(["bash", "-c", "echo no display >&2; exit 3"], /Listening on (\S+)/);
  await assertRejects(() => attended.address, Error, "Cannot start bash: no display");
});
