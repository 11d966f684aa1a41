import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { collect } from "../../../src/static/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { drained } from "../../fakes/drained.ts";
import { withImportMap } from "../../offline/import_map.ts";
import { SeededRandom } from "../random.ts";
import { killedStorage } from "./killed_storage.ts";

const CHILD = decodeURIComponent(new URL("./killed_child.ts", import.meta.url).pathname);
const ROUNDS = 20;
const FILES = 24;

/** A new version of the site: half of the images change, and so do the style sheets that show them. */
async function writeSite(folder: string, version: number): Promise<void> {
  for (let i = 0; i < FILES; i++) {
    await Deno.writeTextFile(`${folder}/${i}.svg`, i % 2 === 0 ? `<svg id="${i} of ${version}"/>` : `<svg id="${i}"/>`);
    await Deno.writeTextFile(`${folder}/${i}.css`, `@import "all.css"; a { background: url(${i}.svg) }`);
  }
  await Deno.writeTextFile(`${folder}/all.css`, `a { --version: "${version}" }`);
}

Deno.test("a run killed at 20 random moments leaves a whole site, and the next run stores only the rest", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const random = new SeededRandom(6);
  const folder = await Deno.makeTempDir();
  let puts = 0;
  let underWay = 0;
  let atPut: (() => void) | undefined;
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    underWay++;
    try {
      if (request.method === "PUT") {
        puts++;
        atPut?.();
      }
      return await server.fetch(request);
    } finally {
      underWay--;
    }
  });
  const endpoint = `http://127.0.0.1:${http.addr.port}`;
  const etags = (): Map<string, string> => new Map(server.objects("media").map(({ key, etag }) => [key, etag]));
  const checkSite = (): number => {
    const objects = new Map(server.objects("media").map(({ key, bytes }) => [key, bytes]));
    const manifest = objects.get("staticfiles.json");
    if (manifest === undefined) return 0;
    const paths = Object.values(JSON.parse(new TextDecoder().decode(manifest)).paths) as string[];
    for (const path of paths) {
      const bytes = objects.get(path);
      assert(bytes !== undefined, `${path} is in the manifest and not there`);
      assertEquals(path.split(".").at(-2), createHash("md5").update(bytes).digest("hex").slice(0, 12));
    }
    return paths.length;
  };
  try {
    let killed = 0;
    let saved = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await writeSite(folder, round);
      const untouched = etags();
      // In the first version all files are new; in later ones 12 images, 25 hashed style sheets and 13 originals.
      const last = 1 + random.below(round === 0 ? 4 * FILES : 2 * FILES);
      const args = await withImportMap(["run", "-A", CHILD, folder, endpoint]);
      const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
      puts = 0;
      atPut = () => puts === last && child.kill("SIGKILL");
      const { signal } = await child.status;
      atPut = undefined;
      if (signal === "SIGKILL") killed++;
      await drained(endpoint, () => underWay);
      if (round > 0) assertEquals(checkSite(), 2 * FILES + 1);
      const halfway = etags();
      saved += [...halfway].filter(([key, etag]) => untouched.get(key) !== etag).length;
      puts = 0;
      await collect(killedStorage(endpoint), { from: folder });
      const missing = [...etags()].filter(([key, etag]) => halfway.get(key) !== etag);
      assertEquals([puts, checkSite()], [missing.length, 2 * FILES + 1]);
    }
    assertEquals(killed, ROUNDS);
    assert(saved > ROUNDS, `${saved} files were there already`);
  } finally {
    await http.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});
