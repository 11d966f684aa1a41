// deno-lint-ignore-file no-console -- the example prints its results
/**
 * Show how far an upload or a download has come.
 *
 * @module
 */
import { S3Storage, type TransferProgress } from "@storages/s3";
import { createS3Server } from "@storages/s3/testing";

const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real one
const storage = new S3Storage({
  bucketName: "media",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch,
  objectParameters: { ChecksumAlgorithm: "CRC32" }, // verified by S3 part by part
});

function show(what: string): (progress: TransferProgress) => void {
  return ({ bytes, parts, total }) => {
    const share = total === undefined ? "" : ` of ${total}`;
    console.log(`${what}: ${bytes}${share} bytes, ${parts} parts`);
  };
}

// The total of a stream is known at its end.
const film = new Blob([new Uint8Array(20_000_000)]);
await storage.save("film.mp4", film.stream(), { onProgress: show("stream") });
await storage.save("film.mp4", film, { onProgress: show("whole") });

let ranges = -1;
const memory = new Uint8Array(film.size); // or the path of a file
await storage.downloadTo("film.mp4", memory, {
  partSize: 5_000_000,
  onProgress: (progress) => {
    if (progress.parts > ranges) show("download")(progress);
    ranges = progress.parts;
  },
});
