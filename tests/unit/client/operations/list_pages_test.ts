/** All listings are read alike, whatever a service makes of the same page. */
import { assertEquals, assertRejects } from "@std/assert";
import { listPages } from "../../../../src/client/operations/list_objects.ts";
import { listUploads } from "../../../../src/client/operations/list_uploads.ts";
import { listVersionPages } from "../../../../src/client/operations/list_versions.ts";
import { listParts } from "../../../../src/client/operations/multipart.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { type Answer, clientOn, scripted, type ScriptedTransport, xmlAnswer } from "../../transport.ts";

/** How a service writes the values of its pages. */
interface Notation {
  readonly truncated?: string;
  readonly notTruncated?: string;
  readonly pad?: (value: string) => string;
  readonly encodingType?: string;
}

/** A kind of listing: its document, its entries, and the names that the client makes of them. */
interface Kind {
  readonly root: string;
  readonly entry: (key: string, value: (value: string) => string) => string;
  readonly marker: string;
  readonly list: (client: S3Client) => Promise<string[]>;
}

const INPUT = { bucket: "bucket", prefix: "" };

const KINDS: Readonly<Record<string, Kind>> = {
  objects: {
    root: "ListBucketResult",
    entry: (key, value) =>
      `<Contents><Key>${value(key)}</Key><LastModified>${value("2026-01-31T12:00:00.000Z")}</LastModified>` +
      `<ETag>${value("&quot;e&quot;")}</ETag><Size>${value("3")}</Size></Contents>`,
    marker: "NextContinuationToken",
    list: async (client) => {
      const pages = await Array.fromAsync(listPages(client, INPUT));
      return pages.flatMap(({ objects }) =>
        objects.map(({ key, size, etag, modifiedTime }) => {
          assertEquals([size, etag, modifiedTime.toISOString()], [3, '"e"', "2026-01-31T12:00:00.000Z"]);
          return key;
        })
      );
    },
  },
  versions: {
    root: "ListVersionsResult",
    entry: (key, value) =>
      `<Version><Key>${value(key)}</Key><VersionId>${value("v1")}</VersionId><IsLatest>${value("true")}</IsLatest>` +
      `<LastModified>${value("2026-01-31T12:00:00.000Z")}</LastModified><ETag>${value("&quot;e&quot;")}</ETag>` +
      `<Size>${value("3")}</Size><StorageClass>${value("STANDARD")}</StorageClass></Version>`,
    marker: "NextKeyMarker",
    list: async (client) => {
      const pages = await Array.fromAsync(listVersionPages(client, INPUT));
      return pages.flat().map(({ key, ...rest }) => {
        assertEquals(rest, {
          versionId: "v1",
          isLatest: true,
          isDeleteMarker: false,
          size: 3,
          etag: '"e"',
          modifiedTime: new Date("2026-01-31T12:00:00.000Z"),
          storageClass: undefined,
        });
        return key;
      });
    },
  },
  uploads: {
    root: "ListMultipartUploadsResult",
    entry: (key, value) =>
      `<Upload><Key>${value(key)}</Key><UploadId>${value("u1")}</UploadId>` +
      `<Initiated>${value("2026-01-31T12:00:00.000Z")}</Initiated></Upload>`,
    marker: "NextKeyMarker",
    list: async (client) => {
      const uploads = await Array.fromAsync(listUploads(client, INPUT));
      return uploads.map(({ key, uploadId, initiated }) => {
        assertEquals([uploadId, initiated.toISOString()], ["u1", "2026-01-31T12:00:00.000Z"]);
        return key;
      });
    },
  },
  parts: {
    root: "ListPartsResult",
    entry: (number, value) =>
      `<Part><PartNumber>${value(number)}</PartNumber><ETag>${value("&quot;e&quot;")}</ETag>` +
      `<Size>${value("3")}</Size></Part>`,
    marker: "NextPartNumberMarker",
    list: async (client) => {
      const parts = await listParts(client, { bucket: "bucket", key: "a", uploadId: "u1" });
      return parts.map(({ partNumber, etag, size }) => {
        assertEquals([etag, size], ['"e"', 3]);
        return String(partNumber);
      });
    },
  },
};

function page(kind: Kind, names: readonly string[], marker: string | undefined, notation: Notation = {}): Response {
  const { truncated = "true", notTruncated = "false", pad = (value) => value, encodingType } = notation;
  const element = (name: string, value: string | undefined): string =>
    value === undefined ? "" : `<${name}>${pad(value)}</${name}>`;
  const isTruncated = marker === undefined ? notTruncated : truncated;
  return xmlAnswer(
    `<${kind.root}>${element("EncodingType", encodingType)}${
      isTruncated === "missing" ? "" : element("IsTruncated", isTruncated)
    }${element(kind.marker, marker)}${names.map((name) => kind.entry(name, pad)).join("")}</${kind.root}>`,
  );
}

/** Lists from a service that would go on for ever. */
function endless(answer: Answer): { transport: ScriptedTransport; client: S3Client } {
  const transport = scripted((request) => {
    if (transport.requests.length > 20) throw new Error("the listing does not end");
    return typeof answer === "function" ? answer(request) : (answer as Response).clone();
  });
  return { transport, client: clientOn(transport, { clientConfig: { maxAttempts: 1 } }) };
}

for (const [name, kind] of Object.entries(KINDS)) {
  for (const truncated of ["true", "True", "TRUE", " true ", "\n  true\n", "1", "yes"]) {
    Deno.test(`a page of ${name} with IsTruncated ${JSON.stringify(truncated)} is not the last one`, async () => {
      const transport = scripted(page(kind, ["1"], "1", { truncated }), page(kind, ["2"], undefined));
      assertEquals(await kind.list(clientOn(transport)), ["1", "2"]);
    });
  }

  for (const notTruncated of ["false", "False", " false ", "0", "", "missing"]) {
    Deno.test(`a page of ${name} with IsTruncated ${JSON.stringify(notTruncated)} is the last one`, async () => {
      const transport = scripted(page(kind, ["1"], undefined, { notTruncated }));
      assertEquals(await kind.list(clientOn(transport)), ["1"]);
      assertEquals(transport.requests.length, 1);
    });
  }

  Deno.test(`the last page of ${name} may have a marker`, async () => {
    const transport = scripted(page(kind, ["1"], "1", { truncated: "false" }));
    assertEquals(await kind.list(clientOn(transport)), ["1"]);
    assertEquals(transport.requests.length, 1);
  });

  Deno.test(`the values of ${name} may have white space around them`, async () => {
    for (const pad of [(value: string) => ` ${value} `, (value: string) => `\n      ${value}\n    `]) {
      const transport = scripted(page(kind, ["1"], "1", { pad }), page(kind, ["2"], undefined, { pad }));
      assertEquals(await kind.list(clientOn(transport)), ["1", "2"]);
      const query = new URL(transport.requests[1]!.url).searchParams;
      const parameter = [...query.keys()].find((key) => /(marker|token)$/.test(key));
      assertEquals(query.get(parameter!), "1");
    }
  });

  Deno.test(`pages of ${name} whose marker repeats throw before the repeated page is listed`, async () => {
    const { transport, client } = endless(page(kind, ["1"], "1"));
    await assertRejects(() => kind.list(client), ServiceError, "its pages repeat");
    assertEquals(transport.requests.length, 2);
  });

  Deno.test(`pages of ${name} that repeat with new markers throw`, async () => {
    let marker = 0;
    const { transport, client } = endless(() => page(kind, ["1"], String(++marker)));
    await assertRejects(() => kind.list(client), ServiceError, "its pages repeat");
    assertEquals(transport.requests.length, 2);
  });

  Deno.test(`empty pages of ${name} with a new marker each are followed`, async () => {
    const transport = scripted(
      page(kind, [], "1"),
      page(kind, [], "2"),
      page(kind, ["3"], undefined),
    );
    assertEquals(await kind.list(clientOn(transport)), ["3"]);
  });

  if (name === "parts") continue;

  Deno.test(`keys of ${name} that a service announces as encoded, and sends unencoded, are kept`, async () => {
    for (const key of ["100%.csv", "a %2B.txt", "50% + 1.txt", "ü+1.txt", "%zz", "%", "a%2"]) {
      const transport = scripted(page(kind, [key, "b+c.txt"], undefined, { encodingType: "url" }));
      assertEquals(await kind.list(clientOn(transport)), [key, "b+c.txt"]);
    }
  });

  Deno.test(`keys of ${name} that are encoded are decoded`, async () => {
    for (const encodingType of ["url", " url ", "URL"]) {
      const encoded = ["100%25.csv", "a+b%2Bc%2f%C3%B1", "it's(*)!~.txt", "%20x+"];
      const transport = scripted(page(kind, encoded, undefined, { encodingType }));
      assertEquals(await kind.list(clientOn(transport)), ["100%.csv", "a b+c/ñ", "it's(*)!~.txt", " x "]);
    }
  });

  Deno.test(`keys of ${name} whose bytes are no UTF-8 stay encoded, and others are decoded`, async () => {
    const transport = scripted(page(kind, ["gr%FCn", "a+b"], undefined, { encodingType: "url" }));
    assertEquals(await kind.list(clientOn(transport)), ["gr%FCn", "a b"]);
  });

  Deno.test(`keys of ${name} keep their own white space`, async () => {
    const keys = [" a", "b ", "  c  "];
    assertEquals(await kind.list(clientOn(scripted(page(kind, keys, undefined)))), keys);
    const padded = scripted(page(kind, keys, undefined, { pad: (value) => ` ${value} ` }));
    assertEquals(await kind.list(clientOn(padded)), keys);
  });
}

Deno.test("a page of objects with a token and without IsTruncated is not the last one", async () => {
  const kind = KINDS.objects!;
  const transport = scripted(page(kind, ["1"], "t", { truncated: "missing" }), page(kind, ["2"], undefined));
  assertEquals(await kind.list(clientOn(transport)), ["1", "2"]);
});

Deno.test("keys of objects are decoded beside folders that a service does not encode", async () => {
  const page = xmlAnswer(
    "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>" +
      "<Contents><Key>a%20b.txt</Key><Size>3</Size></Contents>" +
      "<CommonPrefixes><Prefix>Grüße/</Prefix></CommonPrefixes></ListBucketResult>",
  );
  const [listed] = await Array.fromAsync(listPages(clientOn(scripted(page)), { ...INPUT, delimiter: "/" }));
  assertEquals([listed?.objects.map(({ key }) => key), listed?.prefixes], [["a b.txt"], ["Grüße/"]]);
});

Deno.test("pages of folders alone that repeat with new markers throw", async () => {
  let pages = 0;
  const transport = scripted(() =>
    xmlAnswer(
      "<ListBucketResult><IsTruncated>true</IsTruncated><CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>" +
        `<NextContinuationToken>${++pages}</NextContinuationToken></ListBucketResult>`,
    )
  );
  const listing = Array.fromAsync(listPages(clientOn(transport), { ...INPUT, delimiter: "/" }));
  await assertRejects(() => listing, ServiceError, "its pages repeat");
  assertEquals(transport.requests.length, 2);
});
