import { assertEquals, assertMatch } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { Attended } from "../browser/attended.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import type { RgwServer } from "../servers/rgw.ts";

const BUCKET = "forms";

/** The cost of storing a form. */
export interface UploadFigures {
  readonly peakBytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Sends a form with a file of a size with curl to a service in a separate process, which stores it in RGW. */
export async function measureUpload(rgw: RgwServer, size: number): Promise<UploadFigures> {
  const { endpoint, accessKey, secretKey } = rgw;
  await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
  const args = await withImportMap(["run", "-A", new URL("tests/bench/upload_service.ts", ROOT).href]);
  await using service = new Attended([Deno.execPath(), ...args], /Listening on (http:\S+)\s/, {
    AWS_STORAGE_BUCKET_NAME: BUCKET,
    AWS_S3_ENDPOINT_URL: endpoint,
    AWS_S3_ACCESS_KEY_ID: accessKey,
    AWS_S3_SECRET_ACCESS_KEY: secretKey,
    NO_COLOR: "1",
  });
  const url = await service.address;
  const path = await Deno.makeTempFile();
  let stored: string;
  const start = performance.now();
  try {
    await Deno.truncate(path, size); // a sparse file
    const { stdout } = await new Deno.Command("curl", {
      args: ["--silent", "--show-error", "--form", "title=large", "--form", `file=@${path};filename=large.bin`, url],
      stderr: "inherit",
    }).output();
    const { files } = JSON.parse(new TextDecoder().decode(stdout)) as { files: { name: string; size: number }[] };
    assertEquals(files.map(({ size }) => size), [size]);
    // Ceph RGW ignores conditions when it completes a multipart upload, so a stream gets a random name.
    stored = files[0]!.name;
    assertMatch(stored, /^large_\w{7}\.bin$/);
  } finally {
    await Deno.remove(path);
  }
  const seconds = (performance.now() - start) / 1000;
  const storage = new S3Storage({ bucketName: BUCKET, endpointUrl: endpoint, accessKey, secretKey });
  assertEquals(await storage.size(stored), size);
  const { peakBytes, cpu } = await (await fetch(url)).json();
  return { peakBytes, seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}
