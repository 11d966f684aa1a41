import { assertEquals } from "@std/assert";
import { element, elements, outcome, send, store, testServer } from "./signed_requests.ts";
import type { S3Server } from "../../../../src/testing/mod.ts";

const GROUP = "http://acs.amazonaws.com/groups/global";

async function grants(server: S3Server): Promise<string[]> {
  const text = await (await send(server, "/media/a.txt?acl")).text();
  return elements(text, "Grant").map((grant) => {
    return `${element(grant, "URI") ?? element(grant, "DisplayName")} ${element(grant, "Permission")}`;
  });
}

function policy(list: readonly (readonly [grantee: string, permission: string])[], owner: string): string {
  const entries = list.map(([grantee, permission]) =>
    `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`
  );
  return `<AccessControlPolicy>${owner}<AccessControlList>${
    entries.join("")
  }</AccessControlList></AccessControlPolicy>`;
}

Deno.test("a canned ACL becomes its grants, and a document with these grants has its name", async () => {
  const server = testServer();
  const expected: [string, string[]][] = [
    ["private", []],
    ["public-read", [`${GROUP}/AllUsers READ`]],
    ["public-read-write", [`${GROUP}/AllUsers READ`, `${GROUP}/AllUsers WRITE`]],
    ["authenticated-read", [`${GROUP}/AuthenticatedUsers READ`]],
    ["bucket-owner-full-control", []],
  ];
  for (const [name, more] of expected) {
    await store(server, "/media/a.txt", "x", { "x-amz-acl": name });
    assertEquals([server.objects("media")[0]?.acl, await grants(server)], [name, ["owner FULL_CONTROL", ...more]]);
    const document = await (await send(server, "/media/a.txt?acl")).text();
    assertEquals((await send(server, "/media/b.txt", { method: "PUT", body: "x" })).status, 200);
    assertEquals((await send(server, "/media/b.txt?acl", { method: "PUT", body: document })).status, 200);
    assertEquals(server.objects("media")[1]?.acl, name.startsWith("bucket-owner") ? "private" : name);
  }
});

Deno.test("PutObjectAcl keeps the grants of a document that no canned ACL has", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "x");
  const owner = element(await (await send(server, "/media/a.txt?acl")).text(), "Owner") ?? "";
  const body = policy([[owner, "READ"], [`<URI>${GROUP}/AllUsers</URI>`, "READ_ACP"]], `<Owner>${owner}</Owner>`);
  assertEquals((await send(server, "/media/a.txt?acl", { method: "PUT", body })).status, 200);
  assertEquals(await grants(server), ["owner READ", `${GROUP}/AllUsers READ_ACP`]);
  assertEquals(server.objects("media")[0]?.acl, "custom");
  assertEquals((await server.fetch(new Request("http://localhost/media/a.txt"))).status, 403);
});

Deno.test("PutObjectAcl refuses what S3 refuses", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "x");
  const inside = element(await (await send(server, "/media/a.txt?acl")).text(), "Owner") ?? "";
  const owner = `<Owner>${inside}</Owner>`;
  const put = (body: string, headers: Record<string, string> = {}): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt?acl", { method: "PUT", headers, ...(body === "" ? {} : { body }) }));
  const full = policy([[inside, "FULL_CONTROL"]], owner);
  assertEquals(await put(""), [400, "MissingSecurityHeader"]);
  assertEquals(await put(full, { "x-amz-acl": "private" }), [400, "UnexpectedContent"]);
  assertEquals(await put("", { "x-amz-acl": "everyone" }), [400, "InvalidArgument"]);
  assertEquals(await put("", { "x-amz-grant-read": "id=1" }), [501, "NotImplemented"]);
  assertEquals(await put("<AccessControlPolicy>"), [400, "MalformedACLError"]);
  assertEquals(await put(policy([[inside, "FULL_CONTROL"]], "")), [400, "MalformedACLError"]);
  assertEquals(await put(policy([[inside, "EVERYTHING"]], owner)), [400, "MalformedACLError"]);
  assertEquals(await put(policy([["", "READ"]], owner)), [400, "MalformedACLError"]);
  assertEquals(await put(policy([["<ID>1234</ID>", "READ"]], owner)), [400, "InvalidArgument"]);
  assertEquals(await put(policy([[`<URI>${GROUP}/Nobody</URI>`, "READ"]], owner)), [400, "InvalidArgument"]);
  const email = "<EmailAddress>a@example.com</EmailAddress>";
  assertEquals(await put(policy([[email, "READ"]], owner)), [400, "UnresolvableGrantByEmailAddress"]);
  assertEquals(await put(policy([[inside, "READ"]], "<Owner><ID>1234</ID></Owner>")), [403, "AccessDenied"]);
  assertEquals(server.objects("media")[0]?.acl, "private");
});
