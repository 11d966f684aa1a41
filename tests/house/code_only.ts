/** A TypeScript source without comments and without the text of its strings. */
export interface StrippedSource {
  /** The code without comments; strings, regular expressions and the text of templates are empty. */
  readonly code: string;
  /** The texts of the strings and templates, in order. */
  readonly strings: readonly string[];
}

/** A slash after one of these begins a regular expression; otherwise it is a division. */
const BEFORE_EXPRESSION = /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|await|yield))\s*$/;

/** One comment, string or piece of a template at the start of the text. */
const PIECES = {
  comment: /^(?:\/\/[^\n]*|\/\*[^]*?\*\/)/,
  string: /^(?:"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*')/,
  template: /^(?:[^`\\$]|\\[^]|\$(?!\{))*/,
  expression: /^\/(?![*/])(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/,
} as const;

export function stripSource(source: string): StrippedSource {
  const strings: string[] = [];
  /** The depth of braces within each open `${`. */
  const templates: number[] = [];
  let braces = 0;
  let code = "";
  let rest = source;
  const take = (pattern: RegExp): string => {
    const piece = pattern.exec(rest)?.[0] ?? "";
    rest = rest.slice(piece.length);
    return piece;
  };
  const takeTemplate = (): void => {
    strings.push(take(PIECES.template));
    if (rest.startsWith("${")) templates.push(braces);
    code += rest.startsWith("${") ? "${" : "`";
    rest = rest.slice(rest.startsWith("${") ? 2 : 1);
  };
  while (rest !== "") {
    const character = rest[0]!;
    if (take(PIECES.comment) !== "") code += " ";
    else if (character === '"' || character === "'") {
      const text = take(PIECES.string);
      strings.push(text.slice(1, -1));
      if (text === "") rest = rest.slice(1);
      code += '""';
    } else if (character === "/" && BEFORE_EXPRESSION.test(code.slice(-40)) && take(PIECES.expression) !== "") {
      code += "/ /";
    } else {
      rest = rest.slice(1);
      code += character;
      if (character === "`") takeTemplate();
      else if (character === "{") braces++;
      else if (character === "}" && templates.at(-1) === braces) {
        templates.pop();
        takeTemplate();
      } else if (character === "}") braces--;
    }
  }
  return { code, strings };
}
