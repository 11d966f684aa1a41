/**
 * The values of a section by their keys, in lower case. Indented lines below an empty value are nested keys and values.
 */
export type IniSection = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/**
 * Parses `[sections]` of `key = value` lines.
 *
 * A line that is indented more than its key continues the value. `#` and `;` begin a comment at the start of a line and
 * after a space, except in quotes. Sections of the same name are merged; of equal keys the last counts.
 *
 * @returns The sections by name.
 * @throws {SyntaxError} If a line has another form. The message has the number of the line, but not its text.
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
    // As in Python's configparser: text after the last bracket is ignored.
    const header = /^\[(?!\s*\])(.+)\]/s.exec(text);
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
      throw malformed(index, "has a malformed [section]");
    } else if (section === undefined) {
      throw malformed(index, "is before the first [section]");
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
