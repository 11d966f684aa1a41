/** A section's values by their keys, in lower case. Lines indented below an empty value are keys and values of their own. */
export type IniSection = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/**
 * Parses `[sections]` of `key = value` lines.
 *
 * A line that is indented deeper than its key goes on with the value. `#` and `;` begin a comment at a line's start and
 * after a space, unless they are in quotes. A section that is there twice is one; of two equal keys the later counts.
 *
 * @returns Each section by its name.
 * @throws {SyntaxError} If a line is none of these. The message has its number, and nothing of what it says.
 */
export function parseIni(source: string): Map<string, IniSection> {
  const sections = new Map<string, Map<string, string | Map<string, string>>>();
  let section: Map<string, string | Map<string, string>> | undefined;
  let key: string | undefined;
  let level = 0;
  for (const [index, line] of source.replace(/^\ufeff/, "").split(/\r\n?|\n/).entries()) {
    const text = beforeComment(line);
    if (text === "") continue;
    const indent = line.search(/\S/);
    const header = /^\[(?!\s*\])(.+?)\]\s*(?:[#;].*)?$/s.exec(text);
    if (section !== undefined && key !== undefined && indent > level) {
      const value = section.get(key)!;
      if (typeof value === "string" && value !== "") section.set(key, `${value}\n${text}`);
      else section.set(key, (value === "" ? new Map<string, string>() : value).set(...pair(text, "=", index)));
    } else if (header !== null) {
      const name = header[1]!.trim();
      section = sections.get(name) ?? new Map();
      sections.set(name, section);
      key = undefined;
    } else if (text.startsWith("[")) {
      throw malformed(index, "opens a [section] badly");
    } else if (section === undefined) {
      throw malformed(index, "stands before the first [section]");
    } else {
      const [name, value] = pair(text, /[=:]/, index);
      section.set(key = name.toLowerCase(), value);
      level = indent;
    }
  }
  return sections;
}

function beforeComment(line: string): string {
  const text = line.trim();
  return /[#;]/.test(text) ? text.replace(/("[^"]*"|'[^']*')|(?:^|\s)[#;].*/gs, "$1").trim() : text;
}

function pair(text: string, delimiter: string | RegExp, index: number): [key: string, value: string] {
  const at = text.search(delimiter);
  if (at < 1) throw malformed(index, "is neither a [section] nor key = value");
  return [text.slice(0, at).trimEnd(), text.slice(at + 1).trimStart()];
}

function malformed(index: number, what: string): SyntaxError {
  return new SyntaxError(`line ${index + 1} ${what}`);
}
