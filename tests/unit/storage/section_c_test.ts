import { assertEquals } from "@std/assert";
import { catalogueReadingCases, catalogueReadingWireCases } from "../../conformance/catalogue_reading.ts";
import { catalogueWritingCases, catalogueWritingWireCases } from "../../conformance/catalogue_writing.ts";
import { S3Peer } from "../../conformance/s3_peer.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On, STORAGES } from "./storages.ts";

const onStorages = [...catalogueReadingCases, ...catalogueWritingCases];
const onWire = [...catalogueReadingWireCases, ...catalogueWritingWireCases];

Deno.test("every statement of section C of the behaviour catalogue has a case that keeps it, or says why not", () => {
  const cases = [...onStorages, ...onWire].filter(({ name }) => name.startsWith("C"));
  const numbers = cases.flatMap(({ name }) => [...name.matchAll(/\bC(\d+)\b/g)].map(([, number]) => Number(number)));
  const each = [...new Set(numbers)].sort((a, b) => a - b);
  assertEquals(each, Array.from({ length: 26 }, (_, index) => index + 1));
  for (const { name } of cases) assertEquals(name.split("why: ").length, name.split("different: ").length, name);
});

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
