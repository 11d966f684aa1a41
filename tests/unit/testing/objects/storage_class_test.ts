import { assertEquals } from "@std/assert";
import { element, elements, outcome, send, store, testServer } from "../authentication/signed_requests.ts";

Deno.test("GET and HEAD return every storage class but STANDARD, and listings return all", async () => {
  const server = testServer();
  const classes = ["STANDARD", "STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"];
  for (const name of classes) await store(server, `/media/${name}`, "x", { "x-amz-storage-class": name });
  for (const name of classes) {
    for (const method of ["GET", "HEAD"]) {
      const response = await send(server, `/media/${name}`, { method });
      const expected = name === "STANDARD" ? null : name;
      assertEquals([response.status, response.headers.get("x-amz-storage-class")], [200, expected]);
    }
  }
  const sorted = classes.toSorted();
  for (const query of ["?list-type=2", "", "?versions"]) {
    assertEquals(elements(await (await send(server, `/media${query}`)).text(), "StorageClass"), sorted, query);
  }
});

Deno.test("archived objects refuse GET and copies, and HEAD tells their class", async () => {
  const server = testServer();
  for (const name of ["GLACIER", "DEEP_ARCHIVE"]) {
    await store(server, `/media/${name}`, "x", { "x-amz-storage-class": name });
    const read = await send(server, `/media/${name}`);
    const text = await read.text();
    assertEquals([read.status, element(text, "Code"), element(text, "StorageClass")], [
      403,
      "InvalidObjectState",
      name,
    ]);
    assertEquals(element(text, "Message"), "The operation is not valid for the object's storage class");
    const headers = { "x-amz-copy-source": `/media/${name}` };
    const copy = send(server, "/media/copy", { method: "PUT", headers });
    assertEquals(await outcome(copy), [403, "InvalidObjectState"]);
    const upload = element(await (await send(server, "/media/big?uploads", { method: "POST" })).text(), "UploadId");
    const part = send(server, `/media/big?partNumber=1&uploadId=${upload}`, { method: "PUT", headers });
    assertEquals(await outcome(part), [403, "InvalidObjectState"]);
    const head = await send(server, `/media/${name}`, { method: "HEAD" });
    assertEquals([head.status, head.headers.get("x-amz-storage-class")], [200, name]);
    assertEquals(head.headers.get("x-amz-restore"), null);
  }
});
