import { assertEquals, assertRejects } from "@std/assert";
import { listPages } from "../../../../src/client/operations/list_objects.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { clientOn, scripted, xmlAnswer } from "../../transport.ts";

const PAGE = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
  <Contents><Key>p/a+b%2Bc%2F%C3%B1</Key><Size>3</Size><ETag>&quot;e&quot;</ETag>
  <LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents>
  <CommonPrefixes><Prefix>p/d+e/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>
  <NextContinuationToken>t/+=</NextContinuationToken></ListBucketResult>`;

const LAST = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

Deno.test("listPages() reads a page, decodes its keys, and requests the next page with the token", async () => {
  const transport = scripted(xmlAnswer(PAGE), xmlAnswer(LAST));
  const input = { bucket: "bucket", prefix: "p/", delimiter: "/", startAfter: "p/a" };
  assertEquals(await Array.fromAsync(listPages(clientOn(transport), input)), [
    {
      objects: [{ key: "p/a b+c/ñ", size: 3, etag: '"e"', modifiedTime: new Date("2026-01-31T12:00:00Z") }],
      prefixes: ["p/d e/"],
    },
    { objects: [], prefixes: [] },
  ]);
  const queries = transport.requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
  const always = { "list-type": "2", "encoding-type": "url", prefix: "p/", delimiter: "/" };
  assertEquals(queries, [{ ...always, "start-after": "p/a" }, { ...always, "continuation-token": "t/+=" }]);
});

Deno.test("listPages() does not decode keys that the service did not encode", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><Contents><Key>a+b%2B</Key><Size>0</Size></Contents><IsTruncated>false</IsTruncated>" +
        "</ListBucketResult>",
    ),
  );
  const pages = await Array.fromAsync(listPages(clientOn(transport), { bucket: "bucket", prefix: "" }));
  assertEquals(pages.map(({ objects }) => objects[0]?.key), ["a+b%2B"]);
});

Deno.test("listPages() throws if a truncated page has no token, or an entry has no key", async () => {
  const cases = [
    ["<IsTruncated>true</IsTruncated>", "missing NextContinuationToken"],
    ["<Contents><Size>1</Size></Contents>", "missing key"],
    ["<Contents><Key/><Size>1</Size></Contents>", "missing key"],
  ] as const;
  for (const [content, message] of cases) {
    const transport = scripted(xmlAnswer(`<ListBucketResult>${content}</ListBucketResult>`));
    await assertRejects(
      () => Array.fromAsync(listPages(clientOn(transport), { bucket: "bucket", prefix: "" })),
      ServiceError,
      `Invalid response to ListObjectsV2: ${message}`,
    );
  }
});

Deno.test("listPages() ignores an empty element in place of folders, and white space around folders", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><CommonPrefixes/><CommonPrefixes><Prefix/></CommonPrefixes>" +
        "<CommonPrefixes><Prefix>\n    d/\n  </Prefix></CommonPrefixes>" +
        "<CommonPrefixes><Prefix> e/</Prefix></CommonPrefixes></ListBucketResult>",
    ),
  );
  const pages = await Array.fromAsync(
    listPages(clientOn(transport), { bucket: "bucket", prefix: "", delimiter: "/" }),
  );
  assertEquals(pages.map(({ prefixes }) => prefixes), [["d/", " e/"]]);
});
