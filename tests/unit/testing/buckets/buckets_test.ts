import { assertEquals } from "@std/assert";
import { elements, outcome, send, testServer } from "../authentication/signed_requests.ts";

Deno.test("buckets can be created, found, listed and deleted", async () => {
  const server = testServer({ region: "eu-west-1" });
  const ask = (path: string, method = "GET", body?: string): Promise<[number, string | undefined]> =>
    outcome(send(server, path, { method, region: "eu-west-1", ...(body === undefined ? {} : { body }) }));
  assertEquals(await ask("/new-bucket", "PUT"), [200, undefined]);
  assertEquals(await ask("/new-bucket", "PUT"), [409, "BucketAlreadyOwnedByYou"]);
  assertEquals(await ask("/No", "PUT"), [400, "InvalidBucketName"]);
  const elsewhere =
    "<CreateBucketConfiguration><LocationConstraint>us-west-2</LocationConstraint></CreateBucketConfiguration>";
  assertEquals(await ask("/third-bucket", "PUT", elsewhere), [400, "IllegalLocationConstraintException"]);
  const list = await (await send(server, "/", { region: "eu-west-1" })).text();
  assertEquals(elements(list, "Name"), ["media", "new-bucket"]);
  const location = await (await send(server, "/media?location", { region: "eu-west-1" })).text();
  assertEquals(/>([^<]*)<\/LocationConstraint>/.exec(location)?.[1], "eu-west-1");
  assertEquals(await ask("/new-bucket", "HEAD"), [200, undefined]);
  assertEquals(await ask("/absent-bucket", "HEAD"), [404, undefined]);
  await send(server, "/media/a", { method: "PUT", body: "x", region: "eu-west-1" });
  assertEquals(await ask("/media", "DELETE"), [409, "BucketNotEmpty"]);
  assertEquals(await ask("/new-bucket", "DELETE"), [204, undefined]);
  assertEquals(await ask("/new-bucket", "HEAD"), [404, undefined]);
});
