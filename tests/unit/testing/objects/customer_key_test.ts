import { assertEquals } from "@std/assert";
import { md5 } from "../../../../src/kit/bytes/md5.ts";
import { element, outcome, send, testServer } from "../authentication/signed_requests.ts";

const PREFIX = "x-amz-server-side-encryption-customer-";
const SOURCE_PREFIX = "x-amz-copy-source-server-side-encryption-customer-";

function keyHeaders(fill: number, prefix = PREFIX): Record<string, string> {
  const key = new Uint8Array(32).fill(fill);
  const inBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
  return {
    [`${prefix}algorithm`]: "AES256",
    [`${prefix}key`]: inBase64(key),
    [`${prefix}key-md5`]: inBase64(md5(key)),
  };
}

Deno.test("an object with a customer key is only readable with that key", async () => {
  const server = testServer();
  const headers = keyHeaders(1);
  const stored = await send(server, "/media/a.txt", { method: "PUT", body: "secret", headers });
  assertEquals([stored.status, stored.headers.get(`${PREFIX}key-md5`)], [200, headers[`${PREFIX}key-md5`]]);
  assertEquals([stored.headers.get(`${PREFIX}algorithm`), stored.headers.has(`${PREFIX}key`)], ["AES256", false]);
  const read = await send(server, "/media/a.txt", { headers });
  assertEquals([await read.text(), read.headers.get(`${PREFIX}key-md5`)], ["secret", headers[`${PREFIX}key-md5`]]);
  assertEquals(await outcome(send(server, "/media/a.txt")), [400, "InvalidRequest"]);
  assertEquals(await outcome(send(server, "/media/a.txt", { headers: keyHeaders(2) })), [403, "AccessDenied"]);
  assertEquals((await send(server, "/media/a.txt", { method: "HEAD" })).status, 400);
  assertEquals((await send(server, "/media/a.txt", { method: "HEAD", headers })).status, 200);
});

Deno.test("a customer key for an object without one is refused", async () => {
  const server = testServer();
  await send(server, "/media/a.txt", { method: "PUT", body: "open" });
  const text = await (await send(server, "/media/a.txt", { headers: keyHeaders(1) })).text();
  assertEquals(element(text, "Message"), "The encryption parameters are not applicable to this object.");
});

Deno.test("writes with an invalid customer key are refused", async () => {
  const wrong: Readonly<Record<string, string>[]> = [
    { ...keyHeaders(1), [`${PREFIX}algorithm`]: "AES128" },
    { ...keyHeaders(1), [`${PREFIX}key`]: btoa("short") },
    { ...keyHeaders(1), [`${PREFIX}key`]: "not base64" },
    { ...keyHeaders(1), [`${PREFIX}key-md5`]: keyHeaders(2)[`${PREFIX}key-md5`]! },
    { [`${PREFIX}algorithm`]: "AES256" },
    { [`${PREFIX}key-md5`]: keyHeaders(1)[`${PREFIX}key-md5`]! },
  ];
  for (const headers of wrong) {
    const answer = send(testServer(), "/media/a.txt", { method: "PUT", body: "x", headers });
    assertEquals(await outcome(answer), [400, "InvalidArgument"]);
  }
});

Deno.test("parts must have the customer key of their upload", async () => {
  const server = testServer();
  const headers = keyHeaders(1);
  const begun = await (await send(server, "/media/a.bin?uploads=", { method: "POST", headers })).text();
  const part = `/media/a.bin?partNumber=1&uploadId=${element(begun, "UploadId")}`;
  const put = (own: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, part, { method: "PUT", body: "x", headers: own }));
  assertEquals(await put({}), [400, "InvalidRequest"]);
  assertEquals(await put(keyHeaders(2)), [403, "AccessDenied"]);
  assertEquals(await put(headers), [200, undefined]);
});

Deno.test("a copy needs the key of its source and does not inherit it", async () => {
  const server = testServer();
  await send(server, "/media/a.txt", { method: "PUT", body: "secret", headers: keyHeaders(1) });
  const copy = (key: string, headers: Record<string, string>): Promise<[number, string | undefined]> => {
    const source = { "x-amz-copy-source": "/media/a.txt", ...headers };
    return outcome(send(server, `/media/${key}`, { method: "PUT", headers: source }));
  };
  assertEquals(await copy("b.txt", {}), [400, "InvalidRequest"]);
  assertEquals(await copy("b.txt", keyHeaders(1)), [400, "InvalidRequest"]);
  assertEquals(await copy("b.txt", keyHeaders(2, SOURCE_PREFIX)), [403, "AccessDenied"]);
  assertEquals(await copy("plain.txt", keyHeaders(1, SOURCE_PREFIX)), [200, undefined]);
  assertEquals(await copy("other.txt", { ...keyHeaders(1, SOURCE_PREFIX), ...keyHeaders(2) }), [200, undefined]);
  assertEquals(await (await send(server, "/media/plain.txt")).text(), "secret");
  assertEquals(await (await send(server, "/media/other.txt", { headers: keyHeaders(2) })).text(), "secret");
});
