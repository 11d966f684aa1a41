import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { deleteObjects, isXmlText } from "../../../../src/client/operations/delete_objects.ts";
import { bareAnswer, clientOn, errorAnswer, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";

Deno.test("deleteObjects() sends keys that XML escapes, with an MD5, and returns the errors of single keys", async () => {
  const transport = scripted(xmlAnswer(
    "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>No</Message></Error>" +
      "<Error><Key>c</Key><Code>NoSuchKey</Code><Message>No</Message></Error></DeleteResult>",
  ));
  const failures = await deleteObjects(clientOn(transport), { bucket: "bucket", keys: ["<a&\n\"'>", "b", "c"] });
  assertEquals(failures.map(({ code, key, s3Code, operation }) => [code, key, s3Code, operation]), [
    ["PermissionDenied", "b", "AccessDenied", "DeleteObjects"],
  ]);
  const [request] = transport.requests as [Request];
  assertEquals([request.method, new URL(request.url).search], ["POST", "?delete="]);
  assertEquals(request.headers.get("content-md5")?.length, 24);
  const body = await request.text();
  assertStringIncludes(body, "<Quiet>true</Quiet>");
  assertStringIncludes(body, "<Key>b</Key>");
  assert(!body.includes("<a&"));
});

Deno.test("isXmlText() says which keys XML can represent", () => {
  for (const key of ["a", "é😀", "\t\n\r", "\u0085", "\u2028"]) assert(isXmlText(key), JSON.stringify(key));
  for (const key of ["\u0000", "a\u0008", "\u001f", "\ufffe", "\uffff"]) assert(!isXmlText(key), JSON.stringify(key));
});

const INPUT = { bucket: "bucket", keys: ["a", "b", "c"] };

/** The response that reports errors of keys. */
function results(errors: Readonly<Record<string, string>>): Response {
  const elements = Object.entries(errors).map(([key, code]) => `<Error><Key>${key}</Key><Code>${code}</Code></Error>`);
  return xmlAnswer(`<DeleteResult>${elements.join("")}</DeleteResult>`);
}

/** The keys of a request. */
async function keysOf(request: Request): Promise<string[]> {
  return [...(await request.clone().text()).matchAll(/<Key>(.*?)<\/Key>/g)].map(([, key]) => key!);
}

Deno.test("deleteObjects() retries the keys that failed temporarily, and those alone", async () => {
  const transport = scripted(
    results({ a: "InternalError", b: "AccessDenied", c: "SlowDown" }),
    results({ c: "ServiceUnavailable" }),
    results({}),
  );
  const failures = await withoutWaiting(() => deleteObjects(clientOn(transport), INPUT));
  assertEquals(failures.map(({ key, s3Code }) => [key, s3Code]), [["b", "AccessDenied"]]);
  assertEquals(await Promise.all(transport.requests.map(keysOf)), [["a", "b", "c"], ["a", "c"], ["c"]]);
});

Deno.test("deleteObjects() returns the errors of keys that fail at every attempt", async () => {
  const transport = scripted(results({ a: "InternalError" }));
  const client = clientOn(transport, { clientConfig: { maxAttempts: 3 } });
  const failures = await withoutWaiting(() => deleteObjects(client, INPUT));
  assertEquals(failures.map(({ key, s3Code }) => [key, s3Code]), [["a", "InternalError"]]);
  assertEquals(transport.requests.length, 3);
});

Deno.test("deleteObjects() stops between two attempts if the signal is aborted", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const transport = scripted(() => {
    stop.abort(reason);
    return results({ a: "InternalError" });
  });
  const error = await assertRejects(() => deleteObjects(clientOn(transport), { ...INPUT, signal: stop.signal }));
  assertEquals([error, transport.requests.length], [reason, 1]);
});

for (
  const [what, refusal, isRemembered] of [
    ["501 NotImplemented", errorAnswer(501, "NotImplemented"), true],
    ["501 without a document", bareAnswer(501), true],
    ["405 MethodNotAllowed", errorAnswer(405, "MethodNotAllowed"), true],
    ["400 InvalidArgument", errorAnswer(400, "InvalidArgument"), false],
    ["400 without a document", bareAnswer(400), false],
  ] as const
) {
  Deno.test(`deleteObjects() deletes one by one where DeleteObjects is answered by ${what}`, async () => {
    const transport = scripted(({ method, url }) => {
      if (method === "POST") return refusal.clone();
      return url.endsWith("/b") ? errorAnswer(403, "AccessDenied") : bareAnswer(204);
    });
    const client = clientOn(transport);
    const failures = await deleteObjects(client, INPUT);
    assertEquals(failures.map(({ key, s3Code }) => [key, s3Code]), [["b", "AccessDenied"]]);
    const sent = (): string[] => transport.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
    assertEquals(sent().toSorted(), ["DELETE /a", "DELETE /b", "DELETE /c", "POST /"]);
    await deleteObjects(client, INPUT);
    assertEquals(sent().filter((request) => request === "POST /").length, isRemembered ? 1 : 2);
  });
}

Deno.test("deleteObjects() does not delete one by one after other failures", async () => {
  for (const answer of [errorAnswer(400, "ExpiredToken"), errorAnswer(403, "AccessDenied")]) {
    const transport = scripted(answer);
    const failures = await deleteObjects(clientOn(transport), INPUT);
    assertEquals(failures.map(({ key }) => key), INPUT.keys);
    assert(transport.requests.every(({ method }) => method === "POST"));
  }
});
