import { assertEquals, assertStringIncludes } from "@std/assert";
import { onStage, type Stage } from "./stage.ts";

const LONG_AGO = new Date("2020-01-01T00:00:00Z");

/** Creates a file as a killed writer leaves it. */
async function leave({ folder }: Stage, time = LONG_AGO): Promise<string> {
  const path = `${folder}/.storages-${crypto.randomUUID()}`;
  await Deno.writeTextFile(path, "half");
  await Deno.utime(path, time, time);
  return path;
}

async function uploads({ storage }: Stage): Promise<string[]> {
  return (await Array.fromAsync(storage.uploads.list(), ({ key }) => key)).sort();
}

Deno.test("cleanup aborts the incomplete uploads below a place that are old enough", async () => {
  await onStage(async (stage) => {
    const { run, s3, storage } = stage;
    for (const name of ["films/a.mp4", "films2/b.mp4", "c.mp4"]) await storage.uploads.create(name, { parts: 1 });
    const young = await run(["cleanup", s3()]);
    assertEquals([young.code, young.stderr], [0, ""]);
    assertStringIncludes(young.stdout, "✓ 0 incomplete uploads aborted in ");
    const shown = await run(["cleanup", "--dry-run", "--older-than", "0s", s3("films")]);
    assertEquals([shown.code, /^abort {3}s3:\/\/media\/films\/a\.mp4 {2}\S+\n$/.test(shown.stdout)], [0, true]);
    assertEquals(await uploads(stage), ["c.mp4", "films/a.mp4", "films2/b.mp4"]);
    assertStringIncludes(
      (await run(["cleanup", "--older-than", "0s", s3("films")])).stdout,
      "✓ 1 incomplete upload aborted",
    );
    assertEquals(await uploads(stage), ["c.mp4", "films2/b.mp4"]);
    assertEquals((await run(["cleanup", "-q", "--older-than", "0s", s3()])).stdout, "");
    assertEquals(await uploads(stage), []);
  });
});

Deno.test("cleanup deletes the incomplete files of killed writers in a folder on disk", async () => {
  await onStage(async (stage) => {
    const { run, folder, write } = stage;
    await write({ "a.txt": "hello", ".storages-notes": "kept" });
    const [old, young] = [await leave(stage), await leave(stage, new Date())];
    const names = async (): Promise<string[]> =>
      (await Array.fromAsync(Deno.readDir(folder), ({ name }) => `${folder}/${name}`)).sort();
    const shown = await run(["cleanup", "-n", folder]);
    assertEquals([shown.code, shown.stdout], [0, `delete  ${await Deno.realPath(old)}\n`]);
    const { code, stdout, stderr } = await run(["cleanup", folder]);
    assertEquals([code, stderr], [0, ""]);
    assertStringIncludes(stdout, "✓ 1 incomplete file deleted (4 B) in ");
    assertEquals(await names(), [`${folder}/.storages-notes`, `${folder}/a.txt`, young].sort());
    assertStringIncludes((await run(["cleanup", "--older-than", "0s", folder])).stdout, "✓ 1 incomplete file deleted");
    assertEquals(await names(), [`${folder}/.storages-notes`, `${folder}/a.txt`]);
  });
});

Deno.test("cleanup refuses a place on disk that is no folder, and an age that is no duration, before it changes anything", async () => {
  await onStage(async (stage) => {
    const { run, folder, write } = stage;
    await write({ "a.txt": "hello" });
    const path = await leave(stage);
    for (const wrong of [`${folder}/a.txt`, `${folder}/missing`, `${folder}/missing/`]) {
      const { code, stderr } = await run(["cleanup", folder, wrong]);
      assertEquals([code, stderr], [1, `error: Cannot clean up ${wrong}: it is not a folder\n`]);
    }
    const { code, stderr } = await run(["cleanup", "--older-than", "soon", folder]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "--older-than must be a duration such as 30d, 12h, 90m or 45s");
    assertEquals((await Deno.lstat(path)).isFile, true);
  });
});

Deno.test("cleanup reports a place that failed, and processes the others", async () => {
  await onStage(async (stage) => {
    const { run, folder, s3 } = stage;
    await leave(stage);
    const { code, stdout, stderr } = await run([
      "cleanup",
      s3().replace("media", "nowhere"),
      folder,
    ]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "error: Cannot clean up s3://nowhere/: ");
    assertStringIncludes(stdout, "✓ 1 incomplete file deleted");
  });
});
