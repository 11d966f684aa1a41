/** Ceph RGW with virtual-hosted requests. */
import { assertEquals, assertRejects } from "@std/assert";
import { S3Storage, type S3StorageOptions, UnauthenticatedError } from "../../mod.ts";
import { ceph } from "../../src/settings/presets/mod.ts";
import { Presigner } from "../../src/signing/mod.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { fetchAt } from "./fetch_at.ts";

const DNS_NAME = "s3.rgw.test";
const rgw = await startRgw(DNS_NAME);
const server = "skipped" in rgw ? undefined : rgw;

const KEYS = ["a.txt", "path/to/ñ f+l&e.txt", "per%20cent%2F", "q?uestion#hash"];

/** Saves, reads, lists, copies and removes, and returns the hosts of the requests. */
async function useStorage(options: S3StorageOptions, send: (request: Request) => Promise<Response>): Promise<string[]> {
  const hosts = new Set<string>();
  const storage = new S3Storage({
    ...options,
    fetch: async (request) => {
      hosts.add(new URL(request.url).host);
      return await send(request);
    },
  });
  for (const key of KEYS) {
    assertEquals(await storage.save(key, `contents of ${key}`, { contentType: "text/x-test" }), key);
    await using file = await storage.open(key);
    assertEquals(await file.text(), `contents of ${key}`);
    const signed = await send(new Request(await storage.url(key)));
    assertEquals([signed.status, await signed.text()], [200, `contents of ${key}`]);
    const tampered = await send(new Request((await storage.url(key)).replace("X-Amz-Signature=", "X-Amz-Signature=0")));
    assertEquals(tampered.status, 403);
    await tampered.body?.cancel();
  }
  await storage.copy("a.txt", "copied.txt");
  assertEquals(await storage.size("copied.txt"), "contents of a.txt".length);
  const listed: string[] = [];
  for await (const entry of storage.list("", { recursive: true })) listed.push(entry.name);
  assertEquals(listed.toSorted(), [...KEYS, "copied.txt"].toSorted());
  for (const name of listed) await storage.delete(name);
  assertEquals(await storage.exists("a.txt"), false);
  return [...hosts];
}

Deno.test({
  name: `Ceph RGW finds the bucket in the host${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const { endpoint, accessKey, secretKey, stop } = server as RgwServer;
    try {
      const { host: address, port } = new URL(endpoint);
      const send = fetchAt(address);
      const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey };
      const root = new Presigner({ bucketUrl: endpoint, region: "us-east-1", credentials });
      const keys = { accessKey, secretKey, regionName: "us-east-1" };
      for (const bucketName of ["virtual", "virtual.with.dots"]) {
        const created = await fetch(root.url(bucketName, { method: "PUT" }), { method: "PUT" });
        await created.body?.cancel();
        assertEquals(created.status, 200);
        const options = { ...keys, bucketName, endpointUrl: `http://${DNS_NAME}:${port}` };
        await context.step(`virtual hosts: ${bucketName}`, async () => {
          const hosts = await useStorage({ ...options, addressingStyle: "virtual" }, send);
          assertEquals(hosts, [`${bucketName}.${DNS_NAME}:${port}`]);
        });
        await context.step(`paths, by the preset, signed for another region: ${bucketName}`, async () => {
          const preset = ceph({ endpointUrl: options.endpointUrl, regionName: "any-region-1" });
          assertEquals(await useStorage({ ...options, ...preset }, send), [`${DNS_NAME}:${port}`]);
        });
        await context.step(`an endpoint with the bucket in its host: ${bucketName}`, async () => {
          const host = `${bucketName}.${DNS_NAME}:${port}`;
          assertEquals(await useStorage({ ...options, endpointUrl: `http://${host}` }, send), [host]);
        });
        await context.step(`an endpoint with the bucket in its path: ${bucketName}`, async () => {
          await useStorage({ ...options, endpointUrl: `${options.endpointUrl}/${bucketName}` }, send);
        });
      }
      await context.step("a signature is only valid for its host", async () => {
        const storage = new S3Storage({
          ...keys,
          bucketName: "virtual",
          endpointUrl: `http://${DNS_NAME}:${port}`,
          addressingStyle: "virtual",
          fetch: (request) => send(new Request(request.url.replace("virtual.", "virtual.with.dots."), request)),
        });
        await assertRejects(() => storage.save("a.txt", "x"), UnauthenticatedError);
      });
    } finally {
      await stop();
    }
  },
});
