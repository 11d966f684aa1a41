import { assert, assertEquals } from "@std/assert";
import * as s3 from "../../mod.ts";
import { BinaryFile, WriteFile } from "../../src/storage/mod.ts";
import { UploadError } from "../../src/upload/mod.ts";
import { FileField, StoredFile } from "../../src/field/mod.ts";
import { OPTIONS } from "../../src/settings/options.ts";
import { readSource } from "./source_files.ts";

const PAGE = "docs/coming_from_django_storages.md";

/** The trimmed cells of each row of the table below a heading. */
async function rowsBelow(heading: string): Promise<string[][]> {
  const text = (await readSource(PAGE)).split(`## ${heading}\n`)[1]!.split("\n## ")[0]!;
  const rows = text.split("\n").filter((line) => line.startsWith("|")).slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

Deno.test("the page for django-storages lists every option with all names of its setting", async () => {
  const rows = await rowsBelow("Settings");
  assert(rows.length >= 30, `${rows.length} rows`);
  const named = rows.flatMap((row) => Array.from(row[1]!.matchAll(/`(\w+)`/g), ([, option]) => option!));
  assertEquals(named.filter((option) => !(option in OPTIONS)), []);
  for (const [settings = "", option = ""] of rows) {
    const names = Array.from(settings.matchAll(/`([A-Z0-9_]+)`/g), ([, name]) => name);
    const known = OPTIONS[option.replaceAll("`", "") as keyof typeof OPTIONS]?.names.slice(0, names.length);
    if (option !== "") assertEquals(names, known, option);
  }
});

Deno.test("every method that the page lists is a method of S3Storage", async () => {
  const cells = (await rowsBelow("Classes and methods")).map((row) => row[1]!);
  const methods = cells.flatMap((cell) =>
    Array.from(cell.matchAll(/(?:storage\.|, `)(\w+)\(/g), ([, method]) => method!)
  );
  assert(methods.length > 10, `${methods.length} methods`);
  assertEquals(methods.filter((method) => !(method in s3.S3Storage.prototype)), []);
});

Deno.test("every member of a file field that the page lists exists", async () => {
  const cells = (await rowsBelow("Files on models")).flatMap((row) => row.slice(1));
  const named = cells.flatMap((cell) =>
    Array.from(cell.matchAll(/(?:obj\.normal|`|, `)\.(\w+)/g), ([, name]) => name!)
  );
  assert(named.length > 10, `${named.length} members`);
  assertEquals(named.filter((name) => !(name in StoredFile.prototype)), []);
  assert("attach" in FileField.prototype);
});

Deno.test("every member of an open file that the page lists exists", async () => {
  const cells = (await rowsBelow("Files")).map((row) => row[1]!);
  const members = cells.flatMap((cell) => Array.from(cell.matchAll(/file\.(\w+)/g), ([, member]) => member!));
  assert(members.length > 10, `${members.length} members`);
  assertEquals(members.filter((member) => !(member in BinaryFile.prototype || member in WriteFile.prototype)), []);
});

Deno.test("every exception of Django that the page lists has a class of this package", async () => {
  const cells = (await rowsBelow("Exceptions")).map((row) => row[1]!);
  const classes: Record<string, unknown> = { ...s3, UploadError };
  for (const cell of cells) assert(/^`(\w+Error)`/.exec(cell)?.[1]! in classes, cell);
});
