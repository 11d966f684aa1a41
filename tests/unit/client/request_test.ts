import { assertEquals, assertThrows } from "@std/assert";
import { definedHeaders, encodedQuery } from "../../../src/client/request.ts";

Deno.test("encodedQuery() encodes names and values, and omits undefined ones", () => {
  assertEquals(encodedQuery(undefined), "");
  assertEquals(encodedQuery({ a: undefined }), "");
  assertEquals(encodedQuery({ uploads: "", b: undefined, "ü x": "1/2+&=" }), "uploads=&%C3%BC%20x=1%2F2%2B%26%3D");
});

Deno.test("definedHeaders() omits undefined values", () => {
  assertEquals(definedHeaders(undefined), {});
  assertEquals(definedHeaders({ a: "1", b: undefined, c: "", d: "\tx ~" }), { a: "1", c: "", d: "\tx ~" });
});

Deno.test("definedHeaders() throws for values that are not printable ASCII", () => {
  for (const value of ["é", "a\nb", "\x7f", "\0"]) {
    assertThrows(
      () => definedHeaders({ "x-a": value }),
      TypeError,
      "Cannot send header x-a: its value must be printable",
    );
  }
});
