import { assert, assertEquals } from "@std/assert";
import { PartSpool } from "../../../../src/transfer/write/part_spool.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { inTempFolder } from "../../temp_folder.ts";

const KIB = 1024;

async function bytesOf(body: Uint8Array<ArrayBuffer> | Blob): Promise<Uint8Array> {
  return body instanceof Blob ? new Uint8Array(await new Response(body).arrayBuffer()) : body.slice();
}

Deno.test("PartSpool returns every byte of every part, from memory or from the disk", async () => {
  const random = new SeededRandom(12);
  for (const maxMemorySize of [0, 1, 64 * KIB, 100_000, 1024 * KIB]) {
    for (const limit of [50_000, 100_000, 100_001, 400_000]) {
      const spool = new PartSpool(maxMemorySize);
      const content = patternBytes(850_000);
      const parts: Uint8Array[] = [];
      const take = async (): Promise<void> => {
        const expectsFile = maxMemorySize !== 0 && spool.length > Math.max(maxMemorySize, 64 * KIB);
        const { body, release } = await spool.take();
        assertEquals(body instanceof Blob, expectsFile);
        parts.push(await bytesOf(body), await bytesOf(body));
        await release(true);
        await release(true);
      };
      for (let offset = 0; offset < content.byteLength;) {
        const chunk = content.slice(offset, offset + 1 + random.below(90_000));
        const taken = await spool.append(chunk, limit);
        chunk.fill(0);
        offset += taken;
        assert(taken > 0 && spool.length <= limit);
        if (spool.length === limit) await take();
      }
      if (spool.length > 0) await take();
      assertEquals(spool.length, 0);
      const [once, twice] = [0, 1].map((turn) =>
        new Blob(parts.filter((_, index) => index % 2 === turn) as BlobPart[])
      );
      assertEquals(await bytesOf(once!), content);
      assertEquals(await bytesOf(twice!), content);
    }
  }
});

Deno.test("PartSpool.discard() discards all bytes, also of returned parts", async () => {
  await inTempFolder(async () => {
    const spool = new PartSpool(64 * KIB);
    for (let part = 0; part < 3; part++) {
      for (let offset = 0; offset < 200_000;) offset += await spool.append(patternBytes(200_000 - offset), 200_000);
      await spool.take();
    }
    for (let offset = 0; offset < 200_000;) offset += await spool.append(patternBytes(200_000 - offset), 200_000);
    await spool.discard();
    assertEquals(spool.length, 0);
    await spool.discard();
    assertEquals(await spool.append(patternBytes(10), 100), 10);
    assertEquals((await bytesOf((await spool.take()).body)).byteLength, 10);
  });
});
