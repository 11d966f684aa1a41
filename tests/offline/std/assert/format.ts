/** A value as a person reads it in a failed assertion. Pure JavaScript, as the suite runs on bare workerd too. */
export function format(value: unknown): string {
  return write(value, "", new Set());
}

function write(value: unknown, indent: string, open: Set<object>): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "function") return `[Function ${value.name || "(anonymous)"}]`;
  if (typeof value !== "object" || value === null) return String(value);
  if (open.has(value)) return "[Circular]";
  open.add(value);
  const text = writeObject(value, indent, open);
  open.delete(value);
  return text;
}

function writeObject(value: object, indent: string, open: Set<object>): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof URL) return `URL ${value.href}`;
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name} [${Array.from(value as Uint8Array).slice(0, 200).join(", ")}]`;
  }
  const inner = indent + "  ";
  const name = value.constructor?.name ?? "Object";
  if (value instanceof Map) {
    return list(
      name,
      "{",
      "}",
      indent,
      [...value].map(([k, v]) => `${write(k, inner, open)} => ${write(v, inner, open)}`),
    );
  }
  if (value instanceof Set) return list(name, "{", "}", indent, [...value].map((item) => write(item, inner, open)));
  if (Array.isArray(value)) return list("", "[", "]", indent, value.map((item) => write(item, inner, open)));
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${write(item, inner, open)}`);
  return list(name === "Object" ? "" : name, "{", "}", indent, entries);
}

function list(name: string, start: string, end: string, indent: string, items: readonly string[]): string {
  const prefix = name === "" ? start : `${name} ${start}`;
  if (items.length === 0) return prefix + end;
  return `${prefix}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${end}`;
}
