/**
 * Calls of this package during an outage: Deno runs this file directly, Bun and Node run a bundle of it. The last argument
 * is the address of the server.
 */
import { S3Storage } from "../../mod.ts";
import { OUTAGE_BYTES, runTasks } from "./outage_tasks.ts";

await runTasks((endpointUrl) => {
  const storage = new S3Storage({ bucketName: "media", endpointUrl, accessKey: "testkey", secretKey: "testsecret" });
  const bytes = new Uint8Array(OUTAGE_BYTES).fill(1);
  return {
    save: (index) => storage.save(`file${index}.bin`, bytes),
    open: async () => {
      const read = await storage.readBytes("file0.bin");
      if (read.byteLength !== OUTAGE_BYTES) throw new RangeError(`${read.byteLength} bytes were read`);
    },
    list: async () => {
      for await (const { name } of storage.list()) if (name !== "file0.bin") throw new RangeError(`${name} was listed`);
    },
  };
});
