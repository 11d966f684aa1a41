import { assertEquals, assertStringIncludes } from "@std/assert";
import { element, outcome, send, store, testServer } from "../authentication/signed_requests.ts";

Deno.test("PutBucketVersioning enables and suspends, and refuses what S3 refuses", async () => {
  const server = testServer();
  const put = (content: string, bucket = "media"): Promise<[number, string | undefined]> =>
    outcome(send(server, `/${bucket}?versioning`, {
      method: "PUT",
      body: `<VersioningConfiguration>${content}</VersioningConfiguration>`,
    }));
  const status = async (): Promise<string | undefined> =>
    element(await (await send(server, "/media?versioning")).text(), "Status");
  assertEquals(await status(), undefined);
  assertEquals(await put("<Status>Suspended</Status>"), [200, undefined]);
  assertEquals(await status(), "Suspended");
  assertEquals(await put("<Status>enabled</Status>"), [400, "MalformedXML"]);
  assertEquals(await put("<Status>Enabled</Status>"), [200, undefined]);
  assertEquals(await status(), "Enabled");
  assertEquals(await put("<Status>Disabled</Status>"), [400, "MalformedXML"]);
  assertEquals(await put(""), [400, "IllegalVersioningConfigurationException"]);
  assertEquals(await put("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>"), [501, "NotImplemented"]);
  assertEquals(await put("<Status>Enabled</Status>", "absent"), [404, "NoSuchBucket"]);
  assertEquals(await status(), "Enabled");
});

Deno.test("a bucket with versions only cannot be deleted", async () => {
  const server = testServer({ versioning: ["media"] });
  await store(server, "/media/a", "1");
  const marker = (await send(server, "/media/a", { method: "DELETE" })).headers.get("x-amz-version-id");
  const refused = await (await send(server, "/media", { method: "DELETE" })).text();
  assertStringIncludes(refused, "You must delete all versions in the bucket.");
  const [, object] = server.versions("media");
  for (const id of [marker, object?.versionId]) await send(server, `/media/a?versionId=${id}`, { method: "DELETE" });
  assertEquals((await send(server, "/media", { method: "DELETE" })).status, 204);
});
