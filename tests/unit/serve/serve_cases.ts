/**
 * Requests for a file and their answers by RFC 9110, as data: for storages in the process, and for curl over HTTP.
 *
 * In headers `{etag}` is replaced by the file's entity tag, `{modified}` by its date, `{before}` and `{after}` by dates around it.
 */
export interface ServeCase {
  readonly name: string;
  readonly method?: string;
  /** @default {"digits.txt"} */
  readonly file?: keyof typeof FILES | "missing.txt" | "../escape" | "folder/";
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** @default {`undefined` if the status is neither 200 nor 206} */
  readonly body?: string;
  /** Headers that the answer must have; `null` for those that it must not have. */
  readonly answer?: Readonly<Record<string, string | null>>;
}

export const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** The requested files; those with `gzip` are stored compressed. */
export const FILES = {
  "digits.txt": { text: DIGITS, gzip: false },
  "empty.txt": { text: "", gzip: false },
  "packed.txt": { text: DIGITS.repeat(20), gzip: true },
} as const;

const whole = { status: 200, body: DIGITS, answer: { "content-range": null, "content-length": "36" } } as const;
const none = { status: 416, answer: { "content-range": "bytes */36", "accept-ranges": "bytes" } } as const;
const part = (body: string, range: string): Pick<ServeCase, "status" | "body" | "answer"> => ({
  status: 206,
  body,
  answer: { "content-range": `bytes ${range}`, "content-length": String(body.length), "etag": "{etag}" },
});
const range = (name: string, value: string, outcome: Pick<ServeCase, "status" | "body" | "answer">): ServeCase => ({
  name,
  headers: { range: value },
  ...outcome,
});
const given = (
  name: string,
  headers: Readonly<Record<string, string>>,
  outcome: Pick<ServeCase, "status" | "body" | "answer">,
): ServeCase => ({ name, headers, ...outcome });

const unchanged = { status: 304, answer: { etag: "{etag}", "content-length": null, "content-type": null } } as const;
const failed = { status: 412 } as const;
const packed = FILES["packed.txt"].text;

export const SERVE_CASES: readonly ServeCase[] = [
  {
    name: "a GET",
    ...whole,
    answer: {
      "accept-ranges": "bytes",
      "content-length": "36",
      "content-type": "text/plain; charset=utf-8",
      "etag": "{etag}",
      "last-modified": "{modified}",
      "x-content-type-options": "nosniff",
      "content-encoding": null,
      "content-range": null,
      "vary": null,
    },
  },
  { name: "a HEAD", method: "HEAD", status: 200, answer: { "content-length": "36", etag: "{etag}" } },
  {
    name: "a HEAD takes no range",
    method: "HEAD",
    headers: { range: "bytes=0-3" },
    status: 200,
    answer: { "content-length": "36", "content-range": null },
  },
  { name: "an empty file", file: "empty.txt", status: 200, body: "", answer: { "content-length": "0" } },
  { name: "a missing file", file: "missing.txt", status: 404 },
  {
    name: "a HEAD of a missing file",
    method: "HEAD",
    file: "missing.txt",
    status: 404,
    answer: { "content-length": "10" },
  },
  { name: "a name with .. segments", file: "../escape", status: 404 },
  { name: "the name of a folder", file: "folder/", status: 404 },
  { name: "a missing file with a condition", file: "missing.txt", headers: { "if-none-match": "*" }, status: 404 },
  { name: "a range of a missing file", file: "missing.txt", headers: { range: "bytes=0-1" }, status: 404 },
  { name: "a POST", method: "POST", status: 405, answer: { allow: "GET, HEAD" } },
  { name: "a DELETE", method: "DELETE", status: 405, answer: { allow: "GET, HEAD" } },
  { name: "OPTIONS", method: "OPTIONS", status: 405, answer: { allow: "GET, HEAD" } },

  range("the first bytes", "bytes=0-4", part("01234", "0-4/36")),
  range("one byte", "bytes=7-7", part("7", "7-7/36")),
  range("the middle", "bytes=10-12", part("abc", "10-12/36")),
  range("an open end", "bytes=30-", part("uvwxyz", "30-35/36")),
  range("everything as a range", "bytes=0-", part(DIGITS, "0-35/36")),
  range("an end beyond the file's", "bytes=34-1000", part("yz", "34-35/36")),
  range("an end beyond all numbers", `bytes=34-${"9".repeat(400)}`, part("yz", "34-35/36")),
  range("a suffix", "bytes=-3", part("xyz", "33-35/36")),
  range("a suffix longer than the file", "bytes=-1000", part(DIGITS, "0-35/36")),
  range("a unit in capitals", "BYTES=0-1", part("01", "0-1/36")),
  range("blanks around the range", "bytes= 0-1 ", part("01", "0-1/36")),
  range("empty items of the list", "bytes=,0-1,", part("01", "0-1/36")),
  range("several ranges, of which the file has one", "bytes=0-1,100-200", part("01", "0-1/36")),
  range("several ranges", "bytes=0-1,4-5", whole),
  range("a start at the end", "bytes=36-", none),
  range("a start beyond the end", "bytes=100-200", none),
  range("a start beyond all numbers", `bytes=${"9".repeat(400)}-`, none),
  range("a suffix of nothing", "bytes=-0", none),
  range("several ranges, of which the file has none", "bytes=50-60,-0", none),
  range("a range that ends before it starts", "bytes=5-2", whole),
  range("a range without numbers", "bytes=-", whole),
  range("a range of letters", "bytes=a-b", whole),
  range("a negative range", "bytes=--3", whole),
  range("a list with one bad range", "bytes=0-1,x", whole),
  range("another unit", "pages=1-2", whole),
  range("no unit", "0-4", whole),
  range("no range at all", "bytes=", whole),
  { name: "the start of an empty file", file: "empty.txt", headers: { range: "bytes=0-9" }, status: 200, body: "" },
  { name: "a start in an empty file", file: "empty.txt", headers: { range: "bytes=1-" }, status: 416 },
  { name: "a suffix of an empty file", file: "empty.txt", headers: { range: "bytes=-5" }, status: 200, body: "" },

  given("If-None-Match: the tag", { "if-none-match": "{etag}" }, unchanged),
  given("If-None-Match: the tag, weak", { "if-none-match": "W/{etag}" }, unchanged),
  given("If-None-Match: the tag in a list", { "if-none-match": '"a,b", {etag}, W/"c"' }, unchanged),
  given("If-None-Match: any", { "if-none-match": "*" }, unchanged),
  given("If-None-Match: another tag", { "if-none-match": '"other"' }, whole),
  given("If-None-Match: a tag without quotes", { "if-none-match": "other" }, whole),
  given("If-None-Match comes before If-Modified-Since", {
    "if-none-match": '"other"',
    "if-modified-since": "{after}",
  }, whole),
  given(
    "If-None-Match alone decides for 304",
    { "if-none-match": "{etag}", "if-modified-since": "{before}" },
    unchanged,
  ),
  {
    name: "If-None-Match on HEAD",
    method: "HEAD",
    headers: { "if-none-match": "{etag}" },
    status: 304,
    answer: { etag: "{etag}" },
  },
  given("If-Modified-Since: its date", { "if-modified-since": "{modified}" }, unchanged),
  given("If-Modified-Since: later", { "if-modified-since": "{after}" }, unchanged),
  given("If-Modified-Since: earlier", { "if-modified-since": "{before}" }, whole),
  given("If-Modified-Since: no HTTP date", { "if-modified-since": "2999-01-01" }, whole),
  given("If-Modified-Since: the form of RFC 850", { "if-modified-since": "Sunday, 06-Nov-94 08:49:37 GMT" }, whole),
  given("If-Modified-Since: the form of asctime", { "if-modified-since": "Sun Nov  6 08:49:37 1994" }, whole),
  given("If-Match: the tag", { "if-match": "{etag}" }, whole),
  given("If-Match: any", { "if-match": "*" }, whole),
  given("If-Match: the tag in a list", { "if-match": '"x", {etag}' }, whole),
  given("If-Match: the tag, weak", { "if-match": "W/{etag}" }, failed),
  given("If-Match: another tag", { "if-match": '"other"' }, failed),
  given("If-Match comes before If-Unmodified-Since", {
    "if-match": "{etag}",
    "if-unmodified-since": "{before}",
  }, whole),
  given("If-Match comes before If-None-Match", { "if-match": '"other"', "if-none-match": "{etag}" }, failed),
  given("If-Match holds, and then If-None-Match fails", { "if-match": "{etag}", "if-none-match": "{etag}" }, unchanged),
  given("If-Unmodified-Since: its date", { "if-unmodified-since": "{modified}" }, whole),
  given("If-Unmodified-Since: later", { "if-unmodified-since": "{after}" }, whole),
  given("If-Unmodified-Since: earlier", { "if-unmodified-since": "{before}" }, failed),
  given("If-Unmodified-Since: no HTTP date", { "if-unmodified-since": "yesterday" }, whole),
  {
    name: "If-Match on HEAD",
    method: "HEAD",
    headers: { "if-match": '"other"' },
    status: 412,
    answer: { "content-length": "20" },
  },

  given("If-Range: the tag", { range: "bytes=0-4", "if-range": "{etag}" }, part("01234", "0-4/36")),
  given("If-Range: its date", { range: "bytes=0-4", "if-range": "{modified}" }, part("01234", "0-4/36")),
  given("If-Range: another tag", { range: "bytes=0-4", "if-range": '"other"' }, whole),
  given("If-Range: the tag, weak", { range: "bytes=0-4", "if-range": "W/{etag}" }, whole),
  given("If-Range: an earlier date", { range: "bytes=0-4", "if-range": "{before}" }, whole),
  given("If-Range: a later date", { range: "bytes=0-4", "if-range": "{after}" }, whole),
  given("If-Range: no validator", { range: "bytes=0-4", "if-range": "x" }, whole),
  given("If-Range: another tag, and a range the file has not", { range: "bytes=99-", "if-range": '"other"' }, whole),
  given("If-Range: the tag, and a range the file has not", { range: "bytes=99-", "if-range": "{etag}" }, none),
  given("If-Range without a range", { "if-range": '"other"' }, whole),
  given("a range, and If-None-Match fails", { range: "bytes=0-4", "if-none-match": "{etag}" }, unchanged),
  given("a range, and If-Match holds", { range: "bytes=0-4", "if-match": "{etag}" }, part("01234", "0-4/36")),
  given("a range, and If-Match fails", { range: "bytes=0-4", "if-match": '"other"' }, failed),
  given("a range the file has not, and If-Match fails", { range: "bytes=99-", "if-match": '"other"' }, failed),
  given(
    "a range the file has not, and If-None-Match fails",
    { range: "bytes=99-", "if-none-match": "{etag}" },
    unchanged,
  ),

  given("what is not stored as gzip, to a client that accepts it", { "accept-encoding": "gzip, br" }, {
    ...whole,
    answer: { "content-encoding": null, "content-length": "36", "etag": "{etag}" },
  }),
  {
    name: "a file stored as gzip, for a client that accepts it",
    file: "packed.txt",
    headers: { "accept-encoding": "gzip, br" },
    status: 200,
    body: packed,
    answer: { "content-encoding": "gzip", "vary": "Accept-Encoding", "etag": "{etag}", "accept-ranges": "bytes" },
  },
  {
    name: "a file stored as gzip, for a client that does not accept it",
    file: "packed.txt",
    headers: { "accept-encoding": "br, gzip;q=0" },
    status: 200,
    body: packed,
    answer: {
      "content-encoding": null,
      "content-length": null,
      "vary": "Accept-Encoding",
      "etag": "W/{etag}",
      "accept-ranges": "none",
    },
  },
  {
    name: "a HEAD of a decompressed file has no length",
    method: "HEAD",
    file: "packed.txt",
    headers: { "accept-encoding": "identity" },
    status: 200,
    answer: { "content-encoding": null, "content-length": null, "vary": "Accept-Encoding" },
  },
  {
    name: "a range of a decompressed file is the whole file",
    file: "packed.txt",
    headers: { "accept-encoding": "identity", "range": "bytes=0-9" },
    status: 200,
    body: packed,
    answer: { "content-range": null },
  },
  {
    name: "the tag of a decompressed file",
    file: "packed.txt",
    headers: { "accept-encoding": "identity", "if-none-match": "W/{etag}" },
    status: 304,
    answer: { vary: "Accept-Encoding", etag: "W/{etag}" },
  },
  {
    name: "a decompressed file has no strong tag",
    file: "packed.txt",
    headers: { "accept-encoding": "identity", "if-match": "{etag}" },
    status: 412,
  },
  {
    name: "a range of a file sent as gzip",
    file: "packed.txt",
    headers: { "accept-encoding": "gzip", "range": "bytes=0-1" },
    status: 206,
    answer: { "content-encoding": "gzip", "content-length": "2", "vary": "Accept-Encoding" },
  },
];
