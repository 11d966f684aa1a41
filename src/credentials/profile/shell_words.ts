/**
 * Takes a command line apart as a shell does, and runs none: variables and patterns stay as they are. Takes time in
 * proportion to the line.
 *
 * @param windows Whether the rules of Windows hold.
 * @throws {SyntaxError} If a quote does not end. The message shows nothing of the line.
 */
export function splitShellWords(line: string, windows = false): string[] {
  return windows ? splitOnWindows(line) : splitPosix(line);
}

/** Words as a POSIX shell takes them. Source: POSIX.1-2017, Shell Command Language, 2.2 Quoting. */
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
      if (end < 0) throw unended();
      word = (word ?? "") + line.slice(at + 1, end);
      at = end;
    } else if (character === '"') {
      word ??= "";
      while (line[++at] !== '"') {
        if (at >= line.length) throw unended();
        // Before all else a backslash stands for itself.
        if (line[at] === "\\" && '"\\'.includes(line[at + 1] ?? " ")) at++;
        word += line[at]!;
      }
    } else {
      if (character === "\\" && ++at === line.length) throw unended();
      word = (word ?? "") + line[at]!;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** Words as Windows' programs take them: backslashes are plain but before a quote, of which there is one kind. */
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
  if (quoted) throw unended();
  return words;
}

function unended(): SyntaxError {
  return new SyntaxError("a quote, or an escape, does not end");
}
