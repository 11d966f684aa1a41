/** Every operation against forged responses: typed errors, no lasting effect, no secrets shown, bounded memory. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { AlreadyExistsError } from "../../../mod.ts";
import { bareAnswer, errorAnswer, networkError, xmlAnswer } from "../transport.ts";
import { assertNothingLearned, type HostileStage, hostileStage, KEYS, type Lie, OPERATIONS } from "./hostile_stage.ts";

const EVIL = { location: "https://evil.example/steal" };

/** Regions that are invalid, unknown or of another partition: no service may direct a request to them. */
const REGIONS = ["x.evil.com", "eu-west-9", "cn-evil", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "..", "-"];

const statusOf = (status: number, headers: Record<string, string> = {}, body: BodyInit | null = null): Lie => () =>
  new Response(body, { status, headers });

/** An endless stream that counts the bytes taken. */
function endless(begin: string, chunk: string, tell: (taken: number) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  const bytes = encoder.encode(chunk.repeat(Math.ceil(64 * 1024 / chunk.length)));
  let taken = 0;
  return new ReadableStream({
    start: (controller) => controller.enqueue(encoder.encode(begin)),
    pull: (controller) => {
      controller.enqueue(bytes);
      tell(taken += bytes.byteLength);
    },
  }, { highWaterMark: 0 });
}

Deno.test("every tested operation succeeds on an honest service", async () => {
  const stage = await hostileStage();
  for (const [name, run] of Object.entries(OPERATIONS)) {
    await run(stage).catch((error) => Promise.reject(new Error(`${name}: ${error.message}`, { cause: error })));
  }
});

for (const status of [301, 302, 303, 307, 308]) {
  Deno.test(`no operation follows a ${status} to another host`, async () => {
    await assertNothingLearned(`a ${status}`, statusOf(status, EVIL));
    await assertNothingLearned(`a ${status} with a document`, () =>
      errorAnswer(status, "TemporaryRedirect", {
        headers: EVIL,
        elements: "<Endpoint>media.evil.example</Endpoint><Bucket>media</Bucket>",
      }));
  });
}

for (const region of REGIONS) {
  Deno.test(`no operation uses a region of ${region} from a response`, async () => {
    for (const status of [301, 307, 400, 403]) {
      await assertNothingLearned(`${status} from ${region}`, statusOf(status, { "x-amz-bucket-region": region }));
    }
    const elements = `<Region>${region}</Region>`;
    await assertNothingLearned(
      `a document from ${region}`,
      () => errorAnswer(400, "AuthorizationHeaderMalformed", { elements }),
    );
    // The named host is unreachable.
    await assertNothingLearned(`a 301 to ${region}, which is unreachable`, ({ url }) => {
      if (new URL(url).host !== "media.s3.amazonaws.com") throw networkError();
      return bareAnswer(301, { "x-amz-bucket-region": region });
    });
  });
}

for (
  const date of ["Thu, 01 Jan 2035 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT"]
) {
  Deno.test(`no operation uses a date of ${date} from a response`, async () => {
    await assertNothingLearned("a bare 403", statusOf(403, { date }));
    await assertNothingLearned("a skewed clock", () => errorAnswer(403, "RequestTimeTooSkewed", { headers: { date } }));
    await assertNothingLearned("an answer", statusOf(200, { date, etag: '"e"', "content-length": "0" }));
  });
}

const ENDLESS: Readonly<Record<string, readonly [status: number, begin: string, chunk: string]>> = {
  "a listing": [200, "<ListBucketResult>", "<Contents><Key>a</Key><Size>1</Size></Contents>"],
  "a removal": [200, "<DeleteResult>", "<Error><Code>AccessDenied</Code></Error>"],
  "blanks": [200, "", " "],
  "a name": [200, "<", "a"],
  "references": [200, "<ListBucketResult>", "&#x41;"],
  "an error": [403, "<Error>", "<Message>no</Message>"],
  "a failure": [500, "", "\0"],
  "a redirect": [301, "<Error>", "x"],
};

for (const [what, [status, begin, chunk]] of Object.entries(ENDLESS)) {
  Deno.test(`an endless response is not read to its end: ${what}`, async () => {
    let most = 0;
    await assertNothingLearned(`${what} without end`, ({ method }) => {
      const headers = { etag: '"e"', "content-length": "5" };
      const body = endless(begin, chunk, (taken) => most = Math.max(most, taken));
      return new Response(method === "HEAD" ? null : body, { status, headers });
    });
    assert(most > 0 && most <= 17 * 1024 ** 2, `${most} bytes were read`);
  });
}

/** The parts of a request that a server may repeat. */
function echo({ headers, url }: Request): string {
  const sent = [...headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const signature = headers.get("authorization")!.split("=").at(-1);
  return `${url} SIG<${signature}> ${sent} ${encodeURIComponent(sent)} ${KEYS.accessKeyId} ${KEYS.secretAccessKey}`;
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

for (const withKey of [false, true]) {
  Deno.test(`errors do not show what a response repeats of a request${withKey ? ", nor the customer's key" : ""}`, async () => {
    for (const status of [200, 400, 403, 409, 500]) {
      await assertNothingLearned(`an echo with ${status}`, (request) => {
        const message = escaped(echo(request));
        const headers = { "x-amz-request-id": echo(request).replaceAll("\n", " "), etag: '"e"', "content-length": "0" };
        return errorAnswer(status, status === 409 ? message : "Refused", { message, headers });
      }, withKey);
    }
  });
}

Deno.test("errors escape control characters anywhere in a response", async () => {
  const evil = "a&#x1b;[2J&#x9b;31m&#x202e;b&#x2066;&#10;ERROR: forged&#13;&#x7f;&#8;" + "x".repeat(10_000);
  for (const status of [200, 400, 403, 404, 412, 500]) {
    await assertNothingLearned(`escapes with ${status}`, () => {
      const headers = { "x-amz-request-id": "\u009b31m", "x-amz-bucket-region": "\u009b31m", etag: '"\u009b"' };
      return errorAnswer(status, evil, { message: evil, elements: `<RequestId>${evil}</RequestId>`, headers });
    });
  }
});

const DOCUMENTS: Readonly<Record<string, string>> = {
  "nothing": "",
  "HTML": "<html><body>Sign in</body></html>",
  "entities": '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><ListBucketResult>&b;</ListBucketResult>',
  "depth": "<a>".repeat(100_000),
  "elements": `<ListBucketResult>${"<a/>".repeat(1_000_000)}</ListBucketResult>`,
  "half a document": "<ListBucketResult><Contents><Key>a",
  "an empty listing that is truncated": "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
  "another key": "<ListBucketResult><Contents><Key>../../etc/passwd</Key><Size>1</Size></Contents></ListBucketResult>",
  "sizes": "<ListBucketResult><Contents><Key>folder/a</Key><Size>1e400</Size></Contents></ListBucketResult>",
  "no sizes": "<ListBucketResult><Contents><Key>folder/a</Key></Contents></ListBucketResult>",
  "no date":
    "<ListBucketResult><Contents><Key>folder/a</Key><Size>1</Size><LastModified>x</LastModified></Contents></ListBucketResult>",
  "an undecodable key":
    "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%ff</Key><Size>1</Size></Contents></ListBucketResult>",
  "another object's error":
    "<DeleteResult><Error><Key>secret.txt</Key><Code>InternalError</Code></Error></DeleteResult>",
  "no upload": "<InitiateMultipartUploadResult/>",
  "an odd upload": "<InitiateMultipartUploadResult><UploadId>&#x9b;&amp;a=b</UploadId></InitiateMultipartUploadResult>",
  "parts without end":
    "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker></ListPartsResult>",
  "uploads without end":
    "<ListMultipartUploadsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></ListMultipartUploadsResult>",
  "versions without end":
    "<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></ListVersionsResult>",
  "another key's version":
    "<ListVersionsResult><Version><Key>../x</Key><VersionId>1</VersionId><Size>1</Size></Version></ListVersionsResult>",
  "an odd version id":
    "<ListVersionsResult><Version><Key>a.txt</Key><VersionId>&#x9b;</VersionId><Size>1</Size></Version></ListVersionsResult>",
  "odd tags": "<Tagging><TagSet><Tag/><Tag><Key>&#x9b;</Key></Tag></TagSet></Tagging>",
  "an odd ACL":
    "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>&#x9b;</ID></Grantee></Grant></AccessControlList></AccessControlPolicy>",
  "an odd copy": "<CopyObjectResult><ETag>&#x9b;</ETag></CopyObjectResult>",
  "pages in a circle":
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>",
};

for (const [what, document] of Object.entries(DOCUMENTS)) {
  Deno.test(`a malformed document causes only errors of this module: ${what}`, async () => {
    await assertNothingLearned(what, ({ method }) => method === "HEAD" ? undefined : xmlAnswer(document));
  });
}

const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  "no length": { etag: '"e"' },
  "a negative length": { "content-length": "-1", etag: '"e"' },
  "a huge length": { "content-length": "9".repeat(400), etag: '"e"' },
  "an odd ETag": { "content-length": "5", etag: '"\u009b31m"' },
  "an odd version": { "content-length": "5", etag: '"e"', "x-amz-version-id": '\u009b"&x=y' },
  "a huge range": { "content-range": `bytes 0-1/${"9".repeat(400)}`, etag: '"e"' },
  "an odd range": { "content-range": "bytes */x", "content-length": "5", etag: '"e"' },
  "an odd restoration": {
    "content-length": "5",
    etag: '"e"',
    "x-amz-restore": 'ongoing-request="\u009b", expiry-date="',
  },
  "an odd date": { "content-length": "5", etag: '"e"', "last-modified": "yesterday" },
  "odd checksums": { "content-length": "5", etag: '"e"', "x-amz-checksum-crc32": "%%%" },
  "an odd coding": { "content-length": "5", etag: '"e"', "content-encoding": "gzip, \u009b" },
};

for (const [what, headers] of Object.entries(HEADERS)) {
  Deno.test(`malformed headers cause only errors of this module: ${what}`, async () => {
    for (const body of ["hello", "much more than was announced", ""]) {
      await assertNothingLearned(what, ({ method }) => new Response(method === "HEAD" ? null : body, { headers }));
    }
  });
}

Deno.test("save() stops looking for a free name if a service reports every name as taken", async () => {
  const stage = await hostileStage();
  stage.lie = statusOf(200, { etag: '"e"', "content-length": "5" });
  await assertRejects(() => stage.storage.save("a.txt", "hello", { onExisting: "rename" }), AlreadyExistsError);
});

Deno.test("a request is not retried if its Retry-After is too long or invalid", async () => {
  for (const pause of ["99999999999", "9".repeat(400), "Thu, 01 Jan 2035 00:00:00 GMT"]) {
    for (const status of [429, 500, 503]) {
      const stage: HostileStage = await hostileStage();
      let asked = 0;
      stage.lie = () => (asked++, bareAnswer(status, { "retry-after": pause }));
      await stage.storage.stat("a.txt").catch(() => {});
      assertEquals(asked, 1);
    }
  }
});
