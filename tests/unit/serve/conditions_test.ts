import { assertEquals } from "@std/assert";
import { failedCondition, isConditional, isRangeCurrent } from "../../../src/serve/conditions.ts";

const file = { etag: '"a,b"', modifiedTime: new Date("2026-03-04T05:06:07.890Z") };
const DATE = "Wed, 04 Mar 2026 05:06:07 GMT";
const EARLIER = "Wed, 04 Mar 2026 05:06:06 GMT";

const failed = (headers: Record<string, string>, state = file): unknown => failedCondition(new Headers(headers), state);

Deno.test("failedCondition() compares entity tags before dates", () => {
  assertEquals(failed({}), undefined);
  assertEquals([failed({ "if-match": '"x", "a,b"' }), failed({ "if-match": "*" })], [undefined, undefined]);
  assertEquals([failed({ "if-match": 'W/"a,b"' }), failed({ "if-match": '"a"' })], [412, 412]);
  assertEquals(failed({ "if-match": '"a,b"', "if-unmodified-since": EARLIER }), undefined);
  assertEquals([failed({ "if-none-match": 'W/"a,b"' }), failed({ "if-none-match": "*" })], [304, 304]);
  assertEquals(failed({ "if-none-match": '"x"', "if-modified-since": DATE }), undefined);
});

Deno.test("failedCondition() compares dates to the second, and ignores malformed ones", () => {
  assertEquals([failed({ "if-modified-since": DATE }), failed({ "if-modified-since": EARLIER })], [304, undefined]);
  assertEquals([failed({ "if-unmodified-since": DATE }), failed({ "if-unmodified-since": EARLIER })], [undefined, 412]);
  assertEquals(failed({ "if-modified-since": "2030-01-01" }), undefined);
  assertEquals(failed({ "if-modified-since": DATE }, { etag: "", modifiedTime: new Date(NaN) }), undefined);
});

Deno.test("isRangeCurrent() takes a strong tag or the exact date", () => {
  const current = (ifRange: string): boolean => isRangeCurrent(new Headers({ "if-range": ifRange }), file);
  assertEquals([current('"a,b"'), current(DATE), isRangeCurrent(new Headers(), file)], [true, true, true]);
  assertEquals([current('W/"a,b"'), current('"x"'), current(EARLIER)], [false, false, false]);
});

Deno.test("isConditional() does not count If-Range", () => {
  const is = (name: string): boolean => isConditional(new Headers({ [name]: "*" }));
  assertEquals(["if-match", "if-none-match", "if-range", "range"].map(is), [true, true, false, false]);
});
