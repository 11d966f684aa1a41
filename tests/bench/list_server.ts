// deno-lint-ignore-file no-console -- the port is passed to the runner on standard output
/** Answers listings with prepared pages of 1,000 keys, in a separate process; the number of keys is the argument. */
const KEYS = Number(Deno.args[0] ?? 100_000);
const PAGE = 1000;

function page(number: number): Uint8Array<ArrayBuffer> {
  const last = (number + 1) * PAGE >= KEYS;
  const contents = Array.from({ length: Math.min(PAGE, KEYS - number * PAGE) }, (_, index) => {
    const id = number * PAGE + index;
    return `<Contents><Key>media/photos/2026/11/${String(id).padStart(8, "0")}-thumbnail.jpg</Key>` +
      `<LastModified>2026-11-${String(1 + id % 28).padStart(2, "0")}T12:34:56.000Z</LastModified>` +
      `<ETag>&quot;${id.toString(16).padStart(32, "0")}&quot;</ETag><Size>${1000 + id}</Size>` +
      "<StorageClass>STANDARD</StorageClass></Contents>";
  });
  return new TextEncoder().encode(
    '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
      `<Name>media</Name><Prefix></Prefix><KeyCount>${contents.length}</KeyCount><MaxKeys>${PAGE}</MaxKeys>` +
      `<EncodingType>url</EncodingType><IsTruncated>${!last}</IsTruncated>` +
      (last ? "" : `<NextContinuationToken>page-${number + 1}</NextContinuationToken>`) +
      `${contents.join("")}</ListBucketResult>`,
  );
}

const pages = Array.from({ length: Math.ceil(KEYS / PAGE) }, (_, number) => page(number));
const headers = { "content-type": "application/xml", "x-amz-request-id": "list" };
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const number = Number(/continuation-token=page-(\d+)/.exec(request.url)?.[1] ?? 0);
  return new Response(pages[number], { headers });
});
console.log(`port ${server.addr.port}`);
