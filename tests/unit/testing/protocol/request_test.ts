import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { element, outcome, send, store, testServer } from "../authentication/signed_requests.ts";

Deno.test("the bucket of a request is found by host name and by path", async () => {
  const server = testServer({ hostnames: ["s3.example.com"], buckets: ["media", "my.dotted.bucket"] });
  const where = async (url: string): Promise<string | undefined> => {
    const text = await (await server.fetch(new Request(url))).text();
    return element(text, "Resource") ?? element(text, "BucketName");
  };
  for (
    const url of [
      "https://s3.example.com/media/a.txt",
      "https://media.s3.example.com/a.txt",
      "https://my.dotted.bucket.s3.example.com:8443/a.txt",
      "https://media.s3.amazonaws.com/a.txt",
      "https://media.s3.eu-west-1.amazonaws.com/a.txt",
      "https://media.s3.dualstack.eu-west-1.amazonaws.com/a.txt",
      "https://s3-eu-west-1.amazonaws.com/media/a.txt",
      "http://127.0.0.1:9000/media/a.txt",
    ]
  ) {
    await where(url);
  }
  assert(server.requests.every(({ operation, status }) => operation === "GetObject" && status === 403));
  assertEquals(await where("https://absent.s3.example.com/a.txt"), "absent");
});

Deno.test("keys may contain any character", async () => {
  const server = testServer();
  const keys = [
    "a b+c%d.txt",
    "//double//slash",
    "%2F%41",
    "ü/日本/😀.txt",
    "line\nbreak\ttab",
    "quote\"'<&>",
    "q?#x",
    "trailing/",
    "\u0001control",
    "a".repeat(1024),
  ];
  for (const key of keys) await store(server, `/media/${encodeURIComponent(key).replaceAll("%2F", "/")}`, key);
  assertEquals(server.objects("media").map((object) => object.key).sort(), [...keys].sort());
  for (const key of keys) assertEquals(await (await send(server, `/media/${encodeURIComponent(key)}`)).text(), key);
  assertEquals(await outcome(send(server, `/media/${"a".repeat(1025)}`, { method: "PUT", body: "x" })), [
    400,
    "KeyTooLongError",
  ]);
  const listing = await (await send(server, "/media?list-type=2&prefix=%01")).text();
  assertStringIncludes(listing, "<Key>&#x1;control</Key>");
  const error = await (await send(server, "/media/x%01%0Ay")).text();
  assertStringIncludes(error, "<Key>x&#x1;&#10;y</Key>");
  assertEquals(
    await outcome(send(server, "/media/x").then(() => server.fetch(new Request("http://localhost/media/%ff")))),
    [
      400,
      "InvalidURI",
    ],
  );
});
