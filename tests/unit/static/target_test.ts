import { assertEquals } from "@std/assert";
import type { CollectOptions } from "../../../src/static/collect_options.ts";
import { contentOf } from "../../../src/static/source/content.ts";
import { Target } from "../../../src/static/target.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { MemoryStorage, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { namesOf, textOf } from "./stage.ts";

const { signal } = new AbortController();
const content = (text: string): ReturnType<typeof contentOf> => contentOf(new TextEncoder().encode(text));

async function listed(to: Storage, options: Partial<CollectOptions> = {}): Promise<Target> {
  const target = new Target({ from: [], storage: to, ...options }, signal, (name) => name === "a.css");
  await target.list();
  return target;
}

Deno.test("Target.put() stores new and changed files, and knows unchanged ones by their ETag", async () => {
  const { fetch, requests } = createS3Server({ buckets: ["media"] });
  const to = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
  assertEquals(await (await listed(to)).put("a.css", await content("a{}"), false, {}), 3);
  const target = await listed(to);
  const before = requests.length;
  assertEquals(await target.put("a.css", await content("a{}"), false, {}), undefined);
  assertEquals([target.hasExactly("a.css", await content("a{}")), requests.length - before], [true, 0]);
  assertEquals([await target.put("a.css", await content("bb{}"), false, {}), target.changed], [4, ["a.css"]]);
  assertEquals([await textOf(to, "a.css"), target.bytesUploaded], ["bb{}", 4]);
});

Deno.test("Target.put() compares the MD5 in the metadata where the ETag is not one", async () => {
  const to = new MemoryStorage();
  await (await listed(to)).put("a.css", await content("a{}"), false, {});
  const target = await listed(to);
  assertEquals(target.hasExactly("a.css", await content("a{}")), false);
  assertEquals(await target.put("a.css", await content("a{}"), false, {}), undefined);
  assertEquals(await target.put("a.css", await content("b{}"), false, {}), 3);
});

Deno.test("Target.remove() keeps files that were written after the listing, and all files on a dry run", async () => {
  const warnings: string[] = [];
  const onProgress = ({ message }: { message?: string | undefined }): void => {
    if (message !== undefined) warnings.push(message);
  };
  const to = new MemoryStorage();
  for (const name of ["a.css", "b.css"]) await to.save(name, "old");
  const dry = await listed(to, { dryRun: true });
  await dry.remove(["a.css"]);
  assertEquals([dry.deleted, await namesOf(to)], [1, ["a.css", "b.css"]]);
  const target = await listed(to, { onProgress });
  await to.save("b.css", "new");
  await target.remove(["a.css", "b.css"]);
  assertEquals([target.deleted, await namesOf(to), warnings.length], [1, ["b.css"], 1]);
});
