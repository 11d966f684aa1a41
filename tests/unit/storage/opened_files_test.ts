import { fileReadingCases, fileReadingWireCases } from "../../conformance/file_reading_cases.ts";
import { fileWritingCases, fileWritingWireCases } from "../../conformance/file_writing_cases.ts";
import { S3Peer } from "../../conformance/s3_peer.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On, STORAGES } from "./storages.ts";

const onStorages = [...fileReadingCases, ...fileWritingCases];
const onWire = [...fileReadingWireCases, ...fileWritingWireCases];

for (const { name, run } of onStorages) {
  for (const [storage, open] of Object.entries(STORAGES)) {
    Deno.test(`${storage}: ${name}`, () => run((wishes) => open({ location: "uploads", ...wishes })));
  }
}

for (const { name, run } of onWire) {
  Deno.test(`S3Storage: ${name}`, async () => {
    const { fetch } = createS3Server({ buckets: ["media"] });
    const peer = new S3Peer({ fetch, accessKey: "testkey", secretKey: "testsecret", bucket: "media" });
    await run({ peer, open: (wishes) => s3On({ fetch }, { location: "uploads", ...wishes }) });
  });
}
