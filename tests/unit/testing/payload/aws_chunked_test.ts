import { assertEquals } from "@std/assert";
import { createS3Server, type S3Server } from "../../../../src/testing/mod.ts";
import { outcome, send, testServer } from "../authentication/signed_requests.ts";

const encoder = new TextEncoder();

/** The example of the AWS documentation: 66,560 times "a" in chunks of 64 KiB. */
const DOCUMENTED = {
  now: new Date("2013-05-24T00:00:00Z"),
  credentials: [{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" }],
  seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
  chunks: [
    [65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"],
    [1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"],
    [0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"],
  ] as [number, string][],
};

function documentedRequest(chunks: readonly (readonly [number, string])[], filler = "a"): Request {
  const body = chunks.map(([size, signature]) =>
    `${size.toString(16)};chunk-signature=${signature}\r\n${filler.repeat(size)}\r\n`
  ).join("");
  return new Request("https://s3.amazonaws.com/examplebucket/chunkObject.txt", {
    method: "PUT",
    body: encoder.encode(body),
    headers: {
      "content-encoding": "aws-chunked",
      "content-length": "66824",
      "x-amz-date": "20130524T000000Z",
      "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
      "x-amz-decoded-content-length": "66560",
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
      authorization: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
        "SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;" +
        `x-amz-decoded-content-length;x-amz-storage-class,Signature=${DOCUMENTED.seed}`,
    },
  });
}

function documentedServer(): S3Server {
  return createS3Server({
    buckets: ["examplebucket"],
    credentials: DOCUMENTED.credentials,
    now: () => DOCUMENTED.now,
  });
}

Deno.test("the chunked upload of the AWS documentation is accepted, and refused if a chunk is changed", async () => {
  const server = documentedServer();
  assertEquals(await outcome(server.fetch(documentedRequest(DOCUMENTED.chunks))), [200, undefined]);
  const [object] = server.objects("examplebucket");
  assertEquals([object?.size, object?.storageClass], [66560, "REDUCED_REDUNDANCY"]);
  assertEquals(object?.headers["content-encoding"], undefined);

  const changed = documentedServer();
  assertEquals(await outcome(changed.fetch(documentedRequest(DOCUMENTED.chunks, "b"))), [403, "SignatureDoesNotMatch"]);
  const [first, second, last] = DOCUMENTED.chunks;
  const forged: [number, string][] = [first!, second!, [0, last![1].replace("b", "c")]];
  assertEquals(await outcome(changed.fetch(documentedRequest(forged))), [403, "SignatureDoesNotMatch"]);
  assertEquals(changed.objects("examplebucket"), []);
});

Deno.test("the chunked upload with a signed trailer of the AWS documentation is accepted, and refused if the trailer is changed", async () => {
  const ask = async (checksum: string, signature: string): Promise<[number, string | undefined]> => {
    const chunks = [
      `10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n${"a".repeat(65536)}`,
      `400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n${"a".repeat(1024)}`,
      "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
      `x-amz-checksum-crc32c:${checksum}`,
      `x-amz-trailer-signature:${signature}`,
      "\r\n",
    ];
    const request = new Request("https://s3.amazonaws.com/examplebucket/chunkObject.txt", {
      method: "PUT",
      body: encoder.encode(chunks.join("\r\n")),
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-date": "20130524T000000Z",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "66560",
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-trailer": "x-amz-checksum-crc32c",
        authorization: "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request," +
          "SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;" +
          "x-amz-storage-class;x-amz-trailer," +
          "Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
      },
    });
    return await outcome(documentedServer().fetch(request));
  };
  const signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
  assertEquals(await ask("sOO8/Q==", signature), [200, undefined]);
  assertEquals(await ask("sOO8/R==", signature), [403, "SignatureDoesNotMatch"]);
  assertEquals(await ask("sOO8/Q==", signature.replace("d", "e")), [403, "SignatureDoesNotMatch"]);
});

async function putChunked(
  server: S3Server,
  body: string,
  decodedLength: number | undefined,
  headers: Record<string, string> = { "x-amz-trailer": "x-amz-checksum-crc32" },
): Promise<[number, string | undefined]> {
  const length: Record<string, string> = decodedLength === undefined
    ? {}
    : { "x-amz-decoded-content-length": `${decodedLength}` };
  return await outcome(send(server, "/media/a.txt", {
    method: "PUT",
    body,
    headers: {
      "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      "content-encoding": "aws-chunked",
      ...length,
      ...headers,
    },
  }));
}

Deno.test("the trailing checksum of an unsigned chunked upload is checked", async () => {
  const server = testServer();
  const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  assertEquals(await putChunked(server, `5\r\nhello\r\n0\r\n${trailer}`, 5), [200, undefined]);
  assertEquals(new TextDecoder().decode(server.objects("media")[0]?.bytes), "hello");
  assertEquals(await putChunked(server, `5\r\nhallo\r\n0\r\n${trailer}`, 5), [400, "BadDigest"]);
  assertEquals(await putChunked(server, "5\r\nhello\r\n0\r\n\r\n", 5), [400, "MalformedTrailerError"]);
  assertEquals(await putChunked(server, `5\r\nhello\r\n0\r\nnonsense\r\n\r\n`, 5), [400, "MalformedTrailerError"]);
  assertEquals(await putChunked(server, "0\r\n\r\n", 0, {}), [200, undefined]);
});

Deno.test("only the announced trailers may follow the last chunk", async () => {
  const server = testServer();
  const whole = "5\r\nhello\r\n0\r\n";
  const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n";
  for (
    const rest of [
      "garbage",
      "\r\ngarbage",
      "\r\ngarbage\r\n",
      "a:b\r\n\r\n",
      trailer + "\r\n",
      "\r\n\r\n",
      "\ufeff\r\n",
    ]
  ) {
    const [status] = await putChunked(server, whole + rest, 5, {});
    assertEquals(status, 400, JSON.stringify(rest));
  }
  for (
    const rest of [
      "a:b\r\n\r\n",
      "\r\ngarbage",
      "\r\na:b\r\n",
      trailer,
      "x-amz-trailer-signature:a\r\n\r\n",
      "\ufeff\r\n",
    ]
  ) {
    const [status] = await putChunked(server, whole + trailer + rest, 5);
    assertEquals(status, 400, JSON.stringify(rest));
  }
  assertEquals(await putChunked(server, `\ufeff${whole}\r\n`, 5, {}), [400, "IncompleteBody"]);
  assertEquals(await putChunked(server, whole, 5, {}), [400, "IncompleteBody"]);
  assertEquals(await putChunked(server, whole + trailer, 5), [400, "IncompleteBody"]);
  assertEquals(server.objects("media"), []);
});

Deno.test("a chunked upload must be complete and of its declared length", async () => {
  const server = testServer();
  const trailer = "x-amz-checksum-crc32:NhCmhg==\r\n\r\n";
  assertEquals(await putChunked(server, `5\r\nhello\r\n0\r\n${trailer}`, undefined), [411, "MissingContentLength"]);
  assertEquals(await putChunked(server, `5\r\nhello\r\n0\r\n${trailer}`, 6), [400, "IncompleteBody"]);
  assertEquals(await putChunked(server, "5\r\nhello\r\n", 5), [400, "IncompleteBody"]);
  assertEquals(await putChunked(server, "9\r\nhello\r\n", 9), [400, "IncompleteBody"]);
  assertEquals(await putChunked(server, "hello", 5), [400, "IncompleteBody"]);
  const small = `3\r\nhel\r\n2\r\nlo\r\n0\r\n${trailer}`;
  assertEquals(await putChunked(server, small, 5), [403, "InvalidChunkSizeError"]);
});
