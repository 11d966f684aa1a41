/**
 * Splits a command line into words as a shell does, without expanding variables and patterns, in linear time.
 *
 * @param windows Whether to use the rules of Windows.
 * @throws {SyntaxError} If a quote is not closed. The message does not show the line.
 */
export function splitShellWords(line: string, windows = false): string[] {
  return windows ? splitOnWindows(line) : splitPosix(line);
}

/** Splits by the rules of a POSIX shell. Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting. */
function splitPosix(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (" \t\r\n".includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw notClosed();
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      word ??= "";
      while (line[++at] !== '"') {
        if (at >= line.length) throw notClosed();
        // Before other characters a backslash is literal.
        if (line[at] === "\\" && '"\\'.includes(line[at + 1] ?? " ")) at++;
        word += line[at]!;
      }
    } else {
      if (character === "\\" && ++at === line.length) throw notClosed();
      word = (word ?? "") + line[at]!;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Splits by the rules of Windows programs: backslashes are literal except before a double quote, the only quote. */
function splitOnWindows(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  let backslashes = 0;
  for (const character of line) {
    if (character === "\\") {
      word ??= "";
      backslashes++;
      continue;
    }
    const isQuote = character === '"';
    if (backslashes > 0) word += "\\".repeat(isQuote ? backslashes >> 1 : backslashes);
    if (isQuote) {
      word ??= "";
      if (backslashes % 2 === 1) word += '"';
      else quoted = !quoted;
    } else if (!quoted && (character === " " || character === "\t")) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
    backslashes = 0;
  }
  if (word !== undefined) words.push(word + "\\".repeat(backslashes));
  if (quoted) throw notClosed();
  return words;
}

function notClosed(): SyntaxError {
  return new SyntaxError("a quote or an escape is not closed");
}
