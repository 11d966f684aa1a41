/** Files on records on Ceph RGW: the examples of the reference document, and transactions with `withFiles`. */
import { assertEquals, assertRejects } from "@std/assert";
import { deleteOrphans, fileField, type StoredFile, type Transaction, withFiles } from "../../src/field/mod.ts";
import { S3Storage } from "../../mod.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { modelSection, storageSection } from "../unit/field/transcripts.ts";

const BUCKET = "fields";

async function replacedAndCleaned(storage: S3Storage): Promise<void> {
  const field = fileField(storage, { uploadTo: "avatars" });
  const table = new Map<number, StoredFile>();
  const transaction: Transaction<typeof table> = (body) => body(table);
  const replace = (then: () => void = () => {}): Promise<StoredFile> =>
    withFiles(transaction, async (files) => {
      const file = await files.save(field, "me.png", "…");
      return await files.transaction((table) => {
        then();
        files.deleteAfterCommit(table.get(7));
        table.set(7, file);
        return Promise.resolve(file);
      });
    });
  const stored = async (): Promise<string[]> => (await storage.listdir("avatars"))[1].map((name) => `avatars/${name}`);
  await replace();
  const { name } = await replace();
  await assertRejects(() =>
    replace(() => {
      throw new Error("rolled back");
    }), Error);
  assertEquals(await stored(), [name]);

  const orphan = await field.save("left behind.png", "…", { onExisting: "rename" });
  const options = { folder: "avatars", referenced: () => table.values() };
  assertEquals(await deleteOrphans(storage, options), []);
  const now = (): Date => new Date(Date.now() + 2 * 86_400_000);
  assertEquals(await deleteOrphans(storage, { ...options, now }), [orphan.name]);
  assertEquals(await stored(), [name]);
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `files on records, on Ceph RGW${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const { endpoint, accessKey, secretKey, stop } = server as RgwServer;
    try {
      await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
      const storage = new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, accessKey, secretKey });
      await context.step('the section "Storage" of the document', () => storageSection(storage));
      await context.step('the section "Model" of the document', () => modelSection(storage));
      await context.step("replace, roll back, clean up", () => replacedAndCleaned(storage));
    } finally {
      await stop();
    }
  },
});
