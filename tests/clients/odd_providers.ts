/**
 * What providers and half-right servers answer, what a program calls, and the right result. The answers are sent by a real
 * server; a probe makes the calls on each runtime.
 */
import type { S3Storage, S3StorageOptions } from "../../mod.ts";
import { decodeMetadata, MemoryStorage } from "../../src/storage/mod.ts";
import { handleUpload } from "../../src/upload/mod.ts";

/** A request as the scripted server sees it. */
export interface SeenRequest {
  readonly method: string;
  /** The URL that the program meant. */
  readonly url: URL;
  readonly headers: Headers;
}

/** Opens storages on the scripted server. */
export interface Open {
  /** At an endpoint of its own, in the bucket that is named like the case. */
  readonly own: (options?: S3StorageOptions) => S3Storage;
  /** On AWS, whose requests go to the server. */
  readonly aws: (options?: S3StorageOptions) => S3Storage;
}

export interface ProviderCase {
  /** Makes the server for one run. */
  readonly server?: () => (request: SeenRequest) => Response;
  readonly call: (open: Open) => unknown;
  readonly expected: unknown;
}

const xml = (body: string, status = 200): Response =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, {
    status,
    headers: { "content-type": "application/xml" },
  });
const error = (status: number, code: string, elements = ""): Response =>
  xml(`<Error><Code>${code}</Code><Message>It failed.</Message>${elements}</Error>`, status);
const object = (headers: Record<string, string> = {}): Response =>
  new Response(null, { headers: { etag: '"e"', "content-length": "0", ...headers } });
const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
const entry = (key: string): string =>
  `<Contents><Key>${key}</Key><Size> 1 </Size><LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents>`;

/** Answers a listing page by page; the last page is repeated. */
const pages = (...all: string[]) => () => {
  let page = 0;
  return () => xml(`<ListBucketResult>${all[Math.min(page++, all.length - 1)]}</ListBucketResult>`);
};

/** The listed names, and the class of the error that ended the listing. */
async function listed(storage: S3Storage): Promise<unknown[]> {
  const names: unknown[] = [];
  try {
    for await (const { name } of storage.list("", { recursive: true })) names.push(name);
  } catch (error) {
    names.push((error as Error).name);
  }
  return names;
}

/** The class and the start of the message of an error. */
async function failure(call: () => unknown): Promise<string> {
  try {
    await call();
    return "no error";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

/** A bucket of us-east-1's host that is in eu-south-2, whose place only HeadBucket tells. */
const movedBy = (moved: () => Response) => () => ({ method, url, headers }: SeenRequest): Response => {
  if (headers.get("authorization")?.includes("/eu-south-2/")) return object();
  const isHead = method === "HEAD" && url.pathname === "/";
  return isHead ? new Response(null, { status: 403, headers: { "x-amz-bucket-region": "eu-south-2" } }) : moved();
};
const followed = async ({ aws }: Open): Promise<string> => {
  const storage = aws({ clientConfig: { maxAttempts: 1 } });
  await storage.save("a.txt", "hello");
  return new URL(storage.urlSync("a.txt")).host;
};

/** A server of AWS with an object of 6 GiB, whose tags may not be read. */
function largeObject(): (request: SeenRequest) => Response {
  return ({ method, url, headers }) => {
    const query = url.searchParams;
    if (method === "HEAD") return object({ "content-length": String(6 * 1024 ** 3) });
    if (query.has("tagging") || query.has("acl")) return error(403, "AccessDenied");
    if (query.has("uploads")) {
      return xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
    }
    if (query.has("partNumber")) return xml('<CopyPartResult><ETag>"p"</ETag></CopyPartResult>');
    if (query.has("uploadId")) {
      return xml('<CompleteMultipartUploadResult><ETag>"c"</ETag></CompleteMultipartUploadResult>');
    }
    return headers.has("x-amz-copy-source") ? error(400, "EntityTooLarge") : new Response(null, { status: 204 });
  };
}

export const CASES: Readonly<Record<string, ProviderCase>> = {
  "listing-repeats-token": {
    server: pages(`<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>${entry("a")}`),
    call: ({ own }) => listed(own()),
    expected: ["a", "ServiceError"],
  },
  "listing-is-truncated": {
    server: pages(
      `<IsTruncated> true </IsTruncated><NextContinuationToken> 1 </NextContinuationToken>${entry("a")}`,
      `<IsTruncated>True</IsTruncated><NextContinuationToken>2</NextContinuationToken>${entry("b")}`,
      `<IsTruncated>1</IsTruncated><NextContinuationToken>3</NextContinuationToken>${entry("c")}`,
      `<IsTruncated> False </IsTruncated>${entry("d")}`,
    ),
    call: ({ own }) => listed(own()),
    expected: ["a", "b", "c", "d"],
  },
  "listing-undecoded-keys": {
    server: pages(
      `<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${entry("100%.csv")}${entry("a b.txt")}`,
    ),
    call: ({ own }) => listed(own()),
    expected: ["100%.csv", "a b.txt"],
  },
  "metadata-as-utf8": {
    server: () => () =>
      object({ "x-amz-meta-title": bytes("Grüße 日本"), "x-amz-meta-word": "=?UTF-8?B?R3LDvMOfZQ==?=" }),
    call: async ({ own }) => {
      const { metadata } = await own().stat("a.txt");
      return [metadata, decodeMetadata(metadata)];
    },
    expected: [
      { title: "Grüße 日本", word: "=?UTF-8?B?R3LDvMOfZQ==?=" },
      { title: "Grüße 日本", word: "Grüße" },
    ],
  },
  "form-of-dotnet": {
    call: async () => {
      const file = (disposition: string): string =>
        `--b\r\nContent-Disposition: form-data; name=file; ${disposition}\r\n\r\nhello\r\n`;
      const body = file(`filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt`) +
        file(`filename="=?utf-8?B?R3LDvMOfZS50eHQ=?="`) + file(`filename="a.txt"; filename*=utf-8''b.txt`) +
        file(`filename="e\u0301.txt"`) + "--b--\r\n";
      const headers = { "content-type": "multipart/form-data; boundary=b" };
      const request = new Request("https://example.com/", { method: "POST", headers, body });
      const { files } = await handleUpload(new MemoryStorage(), request, { normalization: "NFC" });
      return files.map(({ originalName }) => originalName);
    },
    expected: ["Grüße.txt", "Grüße.txt", "a.txt", "\u00e9.txt"],
  },
  "names-in-urls": {
    // AWS refuses characters that ISO 8859-1 does not have; others differ.
    server: () => ({ url }) => {
      const disposition = url.searchParams.get("response-content-disposition") ?? "";
      return /[^ -~]/.test(disposition) ? error(400, "InvalidArgument") : new Response(disposition);
    },
    call: async ({ own }) => {
      const text = async (url: string): Promise<string> => await (await fetch(url)).text();
      const parameters = { ResponseContentDisposition: 'inline; filename="日本.txt"' };
      return [
        await text(await own().url("a.txt", { downloadName: "日本.txt" })),
        await text(await own().url("a", { parameters })),
      ];
    },
    expected: [
      `attachment; filename="__.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt`,
      `inline; filename="__.txt"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.txt`,
    ],
  },
  "bucket-named-like-its-host": {
    call: ({ own }) => {
      const place = (bucketName: string, endpointUrl: string): string => {
        const { host, pathname } = new URL(own({ bucketName, endpointUrl }).urlSync("a.txt"));
        return host + pathname;
      };
      return [place("minio", "http://minio.minio.svc:9000"), place("media", "http://media.s3.example.com//")];
    },
    expected: ["minio.minio.svc:9000/minio/a.txt", "media.s3.example.com/a.txt"],
  },
  "endpoint-ends-in-slashes": {
    server: () => ({ url }) => new Response(url.pathname),
    call: async ({ own }) => await (await fetch(await own().url("a.txt"))).text(),
    expected: "/endpoint-ends-in-slashes/a.txt",
  },
  "long-lifetimes": {
    call: async ({ own }) => {
      const expiresIn = 30 * 86400;
      const lifetime = (url: string): number => Number(new URL(url).searchParams.get("Expires")) - 1_700_000_000;
      const now = (): Date => new Date(1_700_000_000_000);
      return [
        await own({ querystringAuth: false, querystringExpire: expiresIn }).url("a").then((url) => new URL(url).search),
        lifetime(await own({ signatureVersion: "s3", now }).url("a", { expiresIn })),
        await failure(() => own().url("a", { expiresIn })),
      ];
    },
    expected: [
      "",
      30 * 86400,
      "RangeError: Cannot sign URL for 'a': expiresIn must be an integer from 1 to 604800, got 2592000",
    ],
  },
  "redirect-without-region": {
    server: movedBy(() =>
      error(301, "PermanentRedirect", "<Endpoint>redirect-without-region.s3.amazonaws.com</Endpoint>")
    ),
    call: followed,
    expected: "redirect-without-region.s3.eu-south-2.amazonaws.com",
  },
  "temporary-redirect": {
    server: movedBy(() => new Response(null, { status: 307, headers: { location: "https://elsewhere.example/" } })),
    call: followed,
    expected: "temporary-redirect.s3.eu-south-2.amazonaws.com",
  },
  "location-constraint": {
    server: movedBy(() => error(400, "IllegalLocationConstraintException")),
    call: followed,
    expected: "location-constraint.s3.eu-south-2.amazonaws.com",
  },
  "requester-pays": {
    server: () => ({ method, url }) =>
      url.searchParams.has("uploads")
        ? xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
        : new Response(`${method} ${url.searchParams.get("x-amz-request-payer")}`),
    call: async ({ own }) => {
      const storage = own({ objectParameters: { RequestPayer: "requester" } });
      const send = async (url: string, method: string): Promise<string> => await (await fetch(url, { method })).text();
      const { urls } = await storage.uploads.create("a.txt", { parts: 1 });
      const post = await storage.presignedPost("a.txt");
      return [
        await send(await storage.url("a.txt"), "GET"),
        await send(urls[0]!, "PUT"),
        await send(post.url, "POST"),
        post.fields["x-amz-request-payer"],
      ];
    },
    expected: ["GET requester", "PUT requester", "POST requester", "requester"],
  },
  "customer-key-in-url": {
    call: async ({ own }) => {
      const parameters = { SSECustomerKey: "0123456789abcdef0123456789abcdef" };
      return new URL(await own().url("a.txt", { parameters })).searchParams.get("X-Amz-SignedHeaders")?.split(";")
        .slice(1);
    },
    expected: ["algorithm", "key", "key-md5"].map((name) => `x-amz-server-side-encryption-customer-${name}`),
  },
  "largest-object": {
    server: () => () => xml("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
    call: async ({ own }) => {
      const { urls, partSize } = await own().uploads.create("a.bin", { size: 50_000 * 1024 ** 3 });
      return [urls.length, partSize];
    },
    expected: [10_000, 5 * 1024 ** 3],
  },
  "copy-without-tags": {
    server: largeObject,
    call: async ({ aws }) => {
      await aws().copy("a.bin", "b.bin");
      return await failure(() => aws({ clientConfig: { maxAttempts: 1 } }).move("a.bin", "b.bin"))
        .then((message) => message.replace(/.*(?=Copying)/, ""));
    },
    expected: "Copying the tags of 'a.bin' needs s3:GetObjectTagging; to copy without it, pass tagging",
  },
  "directory-bucket": {
    call: ({ own }) => failure(() => own({ bucketName: "media--use1-az4--x-s3" })),
    expected:
      'ConfigurationError: Cannot use bucket "media--use1-az4--x-s3": it is a directory bucket of S3 Express, which requires sessions (CreateSession)',
  },
};
