import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { formatRecord, parseRecord, type PendingRecord } from "../../../../src/static/publish/pending_record.ts";

Deno.test("parseRecord() reads what formatRecord() writes", () => {
  const records: PendingRecord[] = [
    { state: "open", names: ["a.css", "é"] },
    { state: "done", names: [] },
    { state: "covered", files: new Map([["a.css", { etag: null, until: 1 }], ["b", { etag: '"x"', until: 2 }]]) },
  ];
  for (const record of records) assertEquals(parseRecord(formatRecord(record), "x.json"), record);
});

Deno.test("parseRecord() refuses damaged records and other versions by name", () => {
  for (
    const text of [
      "{",
      "null",
      '{"version": 2, "state": "open", "names": []}',
      '{"version": 1, "state": "else", "names": []}',
      '{"version": 1, "state": "open", "names": [1]}',
      '{"version": 1, "state": "open"}',
      '{"version": 1, "state": "covered", "files": {"a": {"etag": 1, "until": 1}}}',
    ]
  ) {
    assertThrows(() => parseRecord(text, "x.json"), ConfigurationError, "Cannot read pending invalidation 'x.json': ");
  }
});
