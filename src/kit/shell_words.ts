/** Words as a POSIX shell takes them (POSIX.1-2017, Shell Command Language, 2.2 Quoting); the last is what does not end. */
const POSIX = /'([^']*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|\\(.)|([^ \t\r\n'"\\]+)|[ \t\r\n]+|(.)/gs;

/** Words as Windows' programs take them: backslashes are plain but before a quote, of which there is one kind. */
const WINDOWS = /(\\*)"|([^ \t"\\]+|\\+)|[ \t]+/g;

/**
 * Takes a command line apart as a shell does, and runs none: variables and patterns stay as they are.
 *
 * @param windows Whether the rules of Windows hold.
 * @throws {SyntaxError} If a quote does not end. The message shows nothing of the line.
 */
export function splitShellWords(line: string, windows = false): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quoted = false;
  const end = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  if (windows) {
    for (const [piece, backslashes, plain] of line.matchAll(WINDOWS)) {
      if (plain !== undefined || (quoted && backslashes === undefined)) word = (word ?? "") + piece;
      else if (backslashes === undefined) end();
      else {
        const escaped = backslashes.length % 2 === 1;
        word = (word ?? "") + backslashes.slice(0, backslashes.length >> 1) + (escaped ? '"' : "");
        if (!escaped) quoted = !quoted;
      }
    }
  } else {
    for (const [, single, double, escaped, plain, unended] of line.matchAll(POSIX)) {
      const text = single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? plain;
      if (unended !== undefined) quoted = true;
      else if (text === undefined) end();
      else word = (word ?? "") + text;
    }
  }
  end();
  if (quoted) throw new SyntaxError("a quote, or an escape, does not end");
  return words;
}
