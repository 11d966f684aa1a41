// deno-lint-ignore-file no-console -- it prints its findings
/**
 * Measures the memory of a collection of many small files to the in-memory server, which is another process, so that its
 * memory is not counted.
 *
 * `deno task bench collect_memory [FILES…]`, `1000 100000` by default.
 */
import { createS3Server } from "../../src/testing/mod.ts";
import { withImportMap } from "../offline/import_map.ts";

const FILES_PER_FOLDER = 500;

async function makeTree(count: number): Promise<string> {
  const tree = await Deno.makeTempDir({ prefix: "storages-many-" });
  for (let i = 0; i < count; i++) {
    const folder = `${tree}/${Math.floor(i / FILES_PER_FOLDER)}`;
    if (i % FILES_PER_FOLDER === 0) await Deno.mkdir(folder);
    // Every tenth file is a style sheet that refers to the picture before it.
    const text = i % 10 === 9 ? `a { background: url(${i - 1}.svg) }` : `<svg id="${i}"/>`.repeat(1 + i % 50);
    await Deno.writeTextFile(`${folder}/${i}.${i % 10 === 9 ? "css" : "svg"}`, text);
  }
  return tree;
}

const CHILD = decodeURIComponent(new URL("./collect_child.ts", import.meta.url).pathname);
const CREDENTIALS = { accessKey: "testkey", secretKey: "testsecret" };

for (const count of Deno.args.length > 0 ? Deno.args.map(Number) : [1000, 100_000]) {
  const server = createS3Server({ buckets: ["media"] });
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => server.fetch(request));
  const tree = await makeTree(count);
  try {
    const asked = { folder: tree, endpoint: `http://127.0.0.1:${http.addr.port}`, bucket: "media", ...CREDENTIALS };
    for (const what of ["first", "unchanged"]) {
      const args = await withImportMap(["run", "-A", CHILD, JSON.stringify(asked)]);
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      const { peakBytes, milliseconds, summary } = JSON.parse(new TextDecoder().decode(stdout).trim());
      const mebibytes = (peakBytes / 1024 ** 2).toFixed(0);
      console.log(
        `${count} files, ${what}: ${mebibytes} MiB at the most, ${(milliseconds / 1000).toFixed(1)} s. ${summary}`,
      );
    }
  } finally {
    await http.shutdown();
    await Deno.remove(tree, { recursive: true });
  }
}
