/** Advice for kinds of values that cannot be saved, by the name of their class. */
const ADVICE: Readonly<Record<string, string>> = {
  Promise: "Await it first",
  FormData: 'Save one of its files: form.get("file")',
  URLSearchParams: "Save String(parameters)",
  Map: "Save JSON.stringify(Object.fromEntries(map))",
  Object: "Save JSON.stringify(value)",
  FsFile: "Save its readable",
  FileHandle: "Save handle.readableWebStream() or handle.createReadStream()",
  URL: "Save String(url), or the response of fetch(url)",
  Headers: "Save its values as text",
};

/**
 * The error for a value that cannot be saved.
 *
 * @param name The file's name.
 */
export function refusedContent(name: string, content: unknown): TypeError {
  const [kind, advice] = describe(content);
  return new TypeError(
    `Cannot save '${name}': content must be text, bytes, a Blob, a Request, a Response, a stream, a file opened for ` +
      `reading or an iterable of text and bytes, got ${kind}. ${advice}`,
  );
}

function describe(content: unknown): readonly [kind: string, advice: string] {
  if (content === null) return ["null", "A form without the field returns null: check it first"];
  if (content === undefined) return ["undefined", "Check that the value exists"];
  if (typeof content === "function") return ["a function", "Call it, and save what it returns"];
  if (typeof content !== "object") return [typeof content, "Save String(value)"];
  const kind: unknown = content.constructor?.name;
  const name = typeof kind === "string" && /^\w{1,40}$/.test(kind) ? kind : "Object";
  const advice = typeof (content as { then?: unknown }).then === "function" ? ADVICE.Promise : ADVICE[name];
  return [name, advice ?? "Convert it to one of them"];
}
