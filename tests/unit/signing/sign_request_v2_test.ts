import { assertEquals, assertNotEquals } from "@std/assert";
import { type SigningV2Input, signRequestV2 } from "../../../src/signing/sign_request_v2.ts";
import { createS3Server } from "../../../src/testing/mod.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const REQUEST = { query: [], headers: {}, credentials, date: new Date("2007-03-27T19:36:42Z") };

/** The examples of AWS, "Signing and authenticating REST requests", and their keys. */
const EXAMPLES: Readonly<
  Record<string, readonly [Omit<SigningV2Input, keyof typeof REQUEST> & Partial<SigningV2Input>, string]>
> = {
  "GET of an object": [{
    method: "GET",
    bucket: "johnsmith",
    key: "photos/puppy.jpg",
    headers: { date: "Tue, 27 Mar 2007 19:36:42 +0000" },
  }, "bWq2s1WEIj+Ydj0vQ697zp+IXMU="],
  "PUT with a type": [{
    method: "PUT",
    bucket: "johnsmith",
    key: "photos/puppy.jpg",
    headers: { "content-type": "image/jpeg", date: "Tue, 27 Mar 2007 21:15:45 +0000" },
  }, "MyyxeRY7whkBe+bq8fHCL/2kKUg="],
  "a listing, whose parameters are not signed": [{
    method: "GET",
    bucket: "johnsmith",
    key: "",
    query: [["prefix", "photos"], ["max-keys", "50"], ["marker", "puppy"]],
    headers: { date: "Tue, 27 Mar 2007 19:42:41 +0000", "user-agent": "Mozilla/5.0" },
  }, "htDYFYduRNen8P9ZfE/s9SuKy0U="],
  "a sub-resource": [{
    method: "GET",
    bucket: "johnsmith",
    key: "",
    query: [["acl", ""]],
    headers: { date: "Tue, 27 Mar 2007 19:44:46 +0000" },
  }, "c2WLPFtWHVgbEmeEG93a4cG37dM="],
  "DELETE": [{
    method: "DELETE",
    bucket: "johnsmith",
    key: "photos/puppy.jpg",
    headers: { date: "Tue, 27 Mar 2007 21:20:26 +0000" },
  }, "lx3byBScXR6KzyMaifNkardMwNk="],
  "an upload with metadata": [{
    method: "PUT",
    bucket: "static.johnsmith.net",
    key: "db-backup.dat.gz",
    headers: {
      date: "Tue, 27 Mar 2007 21:06:08 +0000",
      "x-amz-acl": "public-read",
      "content-type": "application/x-download",
      "content-md5": "4gJE4saaMU4BqNR0kLY+lw==",
      "x-amz-meta-reviewedby": "joe@johnsmith.net,jane@johnsmith.net",
      "x-amz-meta-filechecksum": "0x02661779",
      "x-amz-meta-checksumalgorithm": "crc32",
      "content-disposition": "attachment; filename=database.dat",
      "content-encoding": "gzip",
    },
  }, "ilyl83RwaSoYIEdixDQcA4OnAnc="],
};

for (const [what, [request, signature]] of Object.entries(EXAMPLES)) {
  Deno.test(`signRequestV2() signs ${what} as in the example of AWS`, () => {
    const { authorization } = signRequestV2({ ...REQUEST, ...request });
    assertEquals(authorization, `AWS AKIAIOSFODNN7EXAMPLE:${signature}`);
  });
}

const server = createS3Server({
  buckets: ["media"],
  credentials: [{ accessKeyId: "testkey", secretAccessKey: "testsecret", sessionToken: "token" }],
});

const INPUT: SigningV2Input = {
  method: "GET",
  bucket: "media",
  key: "path/to/ñ f+l&e.txt",
  query: [["response-content-encoding", "identity"], ["versionId", "null"], ["x-id", "unsigned"]],
  headers: { "x-amz-meta-b": " 2 ", "x-amz-meta-a": "1", "x-amz-meta": "0" },
  credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret", sessionToken: "token" },
  date: new Date(),
};

async function statusOf(signed: SigningV2Input, sent: Record<string, string>, url: string): Promise<number> {
  const response = await server.fetch(new Request(url, { method: signed.method, headers: sent }));
  await response.body?.cancel();
  return response.status;
}

for (const address of ["http://localhost/media", "http://media.localhost"]) {
  Deno.test(`a server that verifies version 2 accepts signRequestV2() at ${address}, and refuses changed requests`, async () => {
    const url = `${address}/path/to/%C3%B1%20f%2Bl%26e.txt?response-content-encoding=identity&versionId=null&x-id=1`;
    const headers = signRequestV2(INPUT);
    assertEquals(await statusOf(INPUT, headers, url), 404, "the request is accepted, and the file does not exist");
    for (
      const [what, changed, elsewhere] of [
        ["another key", headers, url.replace("%C3%B1", "n")],
        ["another parameter", headers, url.replace("identity", "gzip")],
        ["another header", { ...headers, "x-amz-meta-a": "2" }, url],
        ["one more header", { ...headers, "x-amz-meta-c": "3" }, url],
        ["another date", { ...headers, "x-amz-date": new Date(Date.now() - 60_000).toUTCString() }, url],
      ] as const
    ) {
      assertEquals(await statusOf(INPUT, changed, elsewhere), 403, what);
    }
    const late = { ...INPUT, date: new Date(Date.now() - 3_600_000) };
    assertEquals(await statusOf(late, signRequestV2(late), url), 403, "an hour ago");
  });
}

Deno.test("signRequestV2() changes none of the given headers", () => {
  const headers = Object.freeze({ "content-type": "text/plain" });
  const signed = signRequestV2({ ...INPUT, headers });
  assertEquals(signed["content-type"], "text/plain");
  assertEquals(headers, { "content-type": "text/plain" });
  assertNotEquals(signed.authorization, signRequestV2({ ...INPUT, headers: {} }).authorization);
});
