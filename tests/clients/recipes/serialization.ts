// deno-lint-ignore-file no-import-prefix -- only tests need it
import * as devalue from "npm:devalue@^6.0.3";
import superjson from "npm:superjson@^2.2.7";
import { type FileField, StoredFile } from "../../../src/field/mod.ts";

/** Writes a value with both libraries, and reads it. */
export function throughBoth(value: unknown, avatar: FileField): readonly [unknown, unknown] {
  // The recipe of docs/records.md:
  const isFile = (value: unknown): value is StoredFile => value instanceof StoredFile;
  const text = devalue.stringify(value, { file: (value) => isFile(value) && [value.toJSON()] });
  const read = devalue.parse(text, { file: ([name]) => avatar.file(name) });

  superjson.registerCustom<StoredFile, string>({
    isApplicable: isFile,
    serialize: (file) => file.name ?? "",
    deserialize: (name) => avatar.file(name),
  }, "file");
  const same = superjson.parse(superjson.stringify(value));
  return [read, same];
}
