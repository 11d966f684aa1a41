import { assert, assertEquals } from "@std/assert";
import { pattern, type S3Case, streamOf } from "./case.ts";

const MEBIBYTE = 1024 * 1024;

/** What `maxMemorySize` must do on any S3 server. */
export const spoolingCases: S3Case[] = [
  {
    name: "maxMemorySize: parts are spooled to disk, or smaller without a disk, and arrive complete",
    async run({ open, peer }): Promise<void> {
      const content = pattern(13 * MEBIBYTE + 17);
      for (const transferConfig of [{}, { multipartThreshold: 5 * MEBIBYTE, partSize: 6 * MEBIBYTE }]) {
        const storage = open({ maxMemorySize: 200_000, transferConfig });
        for (const length of [0, 199_999, 200_000, 200_001, 3 * MEBIBYTE, content.byteLength]) {
          const expected = content.subarray(0, length);
          await storage.save("a.bin", streamOf(expected, 70_001));
          const read = await (await storage.open("a.bin", "rb")).bytes();
          assertEquals(read.byteLength, length);
          assert(read.every((byte, index) => byte === expected[index]), `other bytes than were saved, of ${length}`);
        }
        assertEquals(await peer.openUploads(storage.location), []);
      }
    },
  },
  {
    name: "maxMemorySize: a spooled file is read from any position",
    async run({ open }): Promise<void> {
      const content = pattern(2 * MEBIBYTE);
      for (const maxMemorySize of [0, 100_000]) {
        const storage = open({ maxMemorySize });
        await storage.save("a.bin", content);
        const file = await storage.open("a.bin", "rb", { spool: true });
        for (const position of [2_000_000, 10, 1_000_000, 0, content.byteLength - 5, content.byteLength, 300_000]) {
          await file.seek(position);
          assertEquals(await file.read(20), content.slice(position, position + 20), `from ${position}`);
        }
        await file.close();
      }
    },
  },
  {
    name: "maxMemorySize: a part on disk is sent again completely after a connection error",
    async run({ open, peer }): Promise<void> {
      const content = pattern(11 * MEBIBYTE);
      const send = peer.settings.fetch ?? fetch;
      let broken = 0;
      const storage = open({
        maxMemorySize: 100_000,
        transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE },
        fetch: async (request: Request) => {
          if (request.method !== "PUT" || broken++ >= 3) return await send(request);
          await request.body?.cancel();
          throw new TypeError("the connection broke");
        },
      });
      for (const length of [content.byteLength, 2 * MEBIBYTE]) {
        broken = 0;
        const expected = content.subarray(0, length);
        await storage.save("a.bin", streamOf(expected, 70_001));
        const read = await (await storage.open("a.bin", "rb")).bytes();
        assert(read.byteLength === length && read.every((byte, index) => byte === expected[index]), `of ${length}`);
        assert(broken > 3);
      }
    },
  },
];
