import { isRecord } from "../../kit/values/record.ts";
import type { FileField } from "../file_field.ts";

/** Replaces names by files in the rows of Kysely's results. */
export class ResultFiles {
  readonly #fields: ReadonlyMap<string, FileField>;
  /** The fields by {@linkcode spelling}, except those that it does not distinguish. */
  readonly #bySpelling = new Map<string, FileField | undefined>();

  constructor(fields: ReadonlyMap<string, FileField>) {
    this.#fields = fields;
    for (const [column, field] of fields) {
      const key = spelling(column);
      const isAmbiguous = this.#bySpelling.has(key) && this.#bySpelling.get(key) !== field;
      this.#bySpelling.set(key, isAmbiguous ? undefined : field);
    }
  }

  /**
   * @param hasJson Whether the query builds JSON: then objects and lists in the row are searched too.
   * @throws {TypeError} If the JSON is still text, and has a file.
   */
  inRow(row: Record<string, unknown>, hasJson: boolean): Record<string, unknown> {
    return this.#inObject(row, (column, value) => {
      if (hasJson) this.#refuseText(column, value);
      return hasJson ? this.#inValue(value) : value;
    });
  }

  #inObject(
    object: Record<string, unknown>,
    other: (column: string, value: unknown) => unknown,
  ): Record<string, unknown> {
    const entries = Object.entries(object).map(([column, value]) => {
      const field = this.#fieldOf(column);
      return [column, (field && filesOf(field, value)) ?? other(column, value)];
    });
    return Object.fromEntries(entries);
  }

  #inValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#inValue(item));
    return isPlain(value) ? this.#inObject(value, (_, value) => this.#inValue(value)) : value;
  }

  /** The plugins of a database run in their order, so one that parses JSON must come first. */
  #refuseText(column: string, value: unknown): void {
    if (typeof value !== "string" || !/^[[{]/.test(value)) return;
    let hasFiles = false;
    try {
      JSON.parse(value, (key, value) => {
        hasFiles ||= typeof value === "string" && this.#fieldOf(key) !== undefined;
        return value;
      });
    } catch {
      return; // a text that only begins like JSON
    }
    if (!hasFiles) return;
    throw new TypeError(
      `Cannot find files in the JSON of '${column}': it is still text. Put ParseJSONResultsPlugin before FilePlugin in the ` +
        "plugins of the database, or query text by db.withoutPlugins()",
    );
  }

  #fieldOf(column: string): FileField | undefined {
    return this.#fields.get(column) ?? this.#bySpelling.get(spelling(column));
  }
}

/** The same for `profile_picture` and `profilePicture`: CamelCasePlugin may come before this plugin or after it. */
function spelling(column: string): string {
  return column.replaceAll("_", "").toLowerCase();
}

/** The file of a name, or the files of an array column; `undefined` for other values. */
function filesOf(field: FileField, value: unknown): unknown {
  if (typeof value === "string") return field.file(value);
  if (!Array.isArray(value) || value.some((item) => isPlain(item))) return undefined;
  return value.map((item) => filesOf(field, item) ?? item);
}

/** Whether a value is an object of JSON, and not of a class, such as a date or a buffer. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isRecord(value) || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A node of Kysely's trees. */
interface TreeNode {
  readonly kind?: unknown;
  /** The name of a function. */
  readonly func?: unknown;
  /** The SQL of a raw node. */
  readonly sqlFragments?: readonly string[];
}

/** Whether a query calls a function of JSON anywhere, as Kysely's `jsonArrayFrom` and `jsonObjectFrom` do. */
export function buildsJson(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(buildsJson);
  const { kind, func, sqlFragments = [] } = Object(node) as TreeNode;
  if (typeof kind !== "string") return false;
  if ([func, ...sqlFragments].some((sql) => typeof sql === "string" && /json/i.test(sql))) return true;
  return Object.values(node as object).some(buildsJson);
}
