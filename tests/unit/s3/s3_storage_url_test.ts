import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NotSupportedError } from "../../../src/errors.ts";
import type { POST_OPTIONS, PostOptions } from "../../../src/s3/object_urls.ts";
import type { UrlParameters } from "../../../src/s3/url_parameters.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { scripted } from "../transport.ts";

const newServer = (): ReturnType<typeof createS3Server> => createS3Server({ buckets: ["media"] });

Deno.test("url() sends no request, and signs method, expiry and parameters", async () => {
  const server = newServer();
  const storage = s3On(server, { location: "x", endpointUrl: "http://localhost" });
  await storage.save("a ñ.txt", "contents");
  const before = server.requests.length;
  const url = await storage.url("a ñ.txt", { expiresIn: 60, parameters: { ResponseContentType: "text/x" } });
  assertEquals(server.requests.length, before);
  assert(url.startsWith("http://localhost/media/x/a%20%C3%B1.txt?response-content-type=text%2Fx&X-Amz-Algorithm="));
  const answer = await server.fetch(new Request(url));
  assertEquals([answer.status, answer.headers.get("content-type"), await answer.text()], [200, "text/x", "contents"]);
  const put = await storage.url("b.txt", { method: "PUT" });
  assertEquals((await server.fetch(new Request(put, { method: "PUT", body: "put" }))).status, 200);
  assertEquals((await server.fetch(new Request(put))).status, 403);
});

Deno.test("an unsigned URL needs no credentials and keeps its parameters", async () => {
  const storage = new S3Storage({ bucketName: "media", querystringAuth: false });
  assertEquals(await storage.url("a b.txt"), "https://media.s3.amazonaws.com/a%20b.txt");
  const url = await storage.url("a", { parameters: { VersionId: "v 1" } });
  assertEquals(url, "https://media.s3.amazonaws.com/a?versionId=v%201");
});

for (const expiresIn of [0, -1, 1.5, 604801, NaN, "60", null]) {
  Deno.test(`url() refuses to expire after ${Deno.inspect(expiresIn)} seconds`, async () => {
    const options = { expiresIn: expiresIn as number };
    const Kind = typeof expiresIn === "number" ? RangeError : TypeError;
    const message = `Cannot sign URL for 'a': expiresIn must be an integer from 1 to 604800, got ${
      JSON.stringify(expiresIn)
    }`;
    await assertRejects(
      () => s3On(newServer()).url("a", options),
      Kind,
      Number.isNaN(expiresIn) ? "expiresIn must be an integer" : message,
    );
  });
}

Deno.test("url() refuses other methods and unknown parameters", async () => {
  const storage = s3On(newServer());
  await assertRejects(
    () => storage.url("a", { method: "POST" as "PUT" }),
    TypeError,
    "Cannot sign URL for 'a': method must be one of GET",
  );
  const error = await assertRejects(() => storage.url("a", { parameters: { versionid: "1" } }), TypeError);
  assertStringIncludes(error.message, "Did you mean VersionId?");
});

Deno.test("url() uses the region in which the bucket was found", async () => {
  const moved = new Response(null, { status: 400, headers: { "x-amz-bucket-region": "eu-west-1" } });
  const transport = scripted(moved, new Response(null, { headers: { "content-length": "0", etag: '"e"' } }));
  const storage = s3On(transport);
  await storage.exists("a");
  assertStringIncludes(await storage.url("a"), "https://media.s3.eu-west-1.amazonaws.com/a?");
});

Deno.test("a URL with downloadName makes browsers save the file under that name", async () => {
  const server = newServer();
  const storage = s3On(server, { endpointUrl: "http://localhost" });
  await storage.save("a.txt", "contents");
  const downloadName = 'Räport "1".txt';
  const header = `attachment; filename="R_port _1_.txt"; filename*=UTF-8''R%C3%A4port%20%221%22.txt`;
  for (const url of [await storage.url("a.txt", { downloadName }), storage.urlSync("a.txt", { downloadName })]) {
    const response = await server.fetch(new Request(url));
    assertEquals([response.status, response.headers.get("content-disposition"), await response.text()], [
      200,
      header,
      "contents",
    ]);
  }
  const both = await storage.url("a.txt", { downloadName, parameters: { ResponseContentType: "text/x" } });
  assertEquals(new URL(both).searchParams.get("response-content-type"), "text/x");
  const onDomain = s3On(server, { customDomain: "cdn.example.com", customDomainQuerystringAuth: true });
  assert((await onDomain.url("a.txt", { downloadName })).includes("response-content-disposition=attachment"));
});

Deno.test("url() refuses a downloadName that the URL cannot carry", async () => {
  for (const options of [{ querystringAuth: false }, { customDomain: "cdn.example.com" }]) {
    const storage = s3On(newServer(), options);
    await assertRejects(
      () => storage.url("a.txt", { downloadName: "b.txt" }),
      NotSupportedError,
      "Cannot make URL for 'a.txt': only a URL that is signed for S3 can carry downloadName",
    );
  }
  const storage = s3On(newServer());
  const wrong = [
    [{ downloadName: 5 as unknown as string }, "downloadName must be a string, got 5"],
    [{ downloadName: "a", method: "PUT" }, 'downloadName cannot be combined with method "PUT"'],
    [
      { downloadName: "a", parameters: { ResponseContentDisposition: "inline" } },
      "cannot be combined with parameters.",
    ],
  ] as const;
  for (const [options, message] of wrong) {
    await assertRejects(() => storage.url("a.txt", options), TypeError, `Cannot sign URL for 'a.txt': `);
    await assertRejects(() => storage.url("a.txt", options), TypeError, message);
  }
});

Deno.test("url() and presignedPost() refuse unknown options and options that are no object", async () => {
  const storage = s3On(newServer());
  const message = "Cannot sign URL for 'a.txt': unknown option 'expire'. Did you mean expiresIn?";
  await assertRejects(() => storage.url("a.txt", { expire: 60 } as object), TypeError, message);
  await assertRejects(() => storage.url("a.txt", 60 as never), TypeError, "options must be an object, got 60");
  const ofForm = "Cannot sign form for 'a.txt': unknown option 'expire'. Did you mean expiresIn?";
  await assertRejects(() => storage.presignedPost("a.txt", { expire: 60 } as object), TypeError, ofForm);
  await assertRejects(
    () => storage.presignedPost("a.txt", { expiresIn: 0 }),
    RangeError,
    "Cannot sign form for 'a.txt': expiresIn",
  );
});

Deno.test("the types of URL parameters refuse misspelt names and wrong kinds", () => {
  const right: UrlParameters = {
    ResponseContentType: "text/x",
    PartNumber: 3,
    IfModifiedSince: new Date(0),
    width: 200,
  };
  // @ts-expect-error: a misspelt name
  const misspelt: UrlParameters = { ResponseContentTyp: "text/x" };
  // @ts-expect-error: of the wrong kind
  const wrong: UrlParameters = { ResponseContentType: 5 };
  assertEquals([right, misspelt, wrong].length, 3);
});

/** Fails to compile if an option has no name in the list. */
const complete: Exclude<keyof PostOptions, typeof POST_OPTIONS[number]> extends never ? true : false = true;

Deno.test("POST_OPTIONS has every option of a form", () => assertEquals(complete, true));
