/** Finds the regular expressions of the sources, and measures them on adversarial texts. */

/** A regular expression in a source. */
export interface FoundRegExp {
  readonly text: string;
  /** `undefined` for an expression that is built from variables. */
  readonly regexp: RegExp | undefined;
}

/** Finds every regular expression in the syntax tree of a source. */
export function findRegExps(path: string, source: string): FoundRegExp[] {
  const found: FoundRegExp[] = [];
  const plugin: Deno.lint.Plugin = {
    name: "regexps",
    rules: {
      find: {
        create: (context) => ({
          Literal(node): void {
            if (!("regex" in node) || node.regex === undefined) return;
            const { pattern, flags } = node.regex;
            found.push({ text: `/${pattern}/${flags}`, regexp: new RegExp(pattern, flags) });
          },
          'NewExpression[callee.name="RegExp"]'(node: Deno.lint.NewExpression): void {
            const text = context.sourceCode.getText(node);
            found.push({ text, regexp: evaluate(text) });
          },
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, source);
  return found;
}

/** The value of `new RegExp("…")`, or `undefined` if its arguments are not literals. */
function evaluate(text: string): RegExp | undefined {
  const isOfTexts = /^new RegExp\([\s+,]*\)$/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ""));
  return isOfTexts ? new Function(`return ${text}`)() as RegExp : undefined;
}

/** A text to match: `prefix`, `unit` repeated, `suffix`. */
export interface Attack {
  readonly prefix: string;
  readonly unit: string;
  readonly suffix: string;
}

/** The length of the text that must be matched within {@linkcode LIMIT_MILLISECONDS}. */
const CHARACTERS = 100_000;
const LIMIT_MILLISECONDS = 50;

/**
 * Lengths at which a text is tried first, to find exponential and cubic time before it takes hours. Less than a
 * millisecond at all of them counts as linear.
 */
const TRIAL_CHARACTERS = [24, 500, 16_000];
const TRIAL_MILLISECONDS = 1;

/** Repetitions: the fastest run counts, as a busy machine delays some of them. */
const RUNS = 5;

/**
 * Returns a text that takes longer than the limit, or `undefined` if none of the tried texts does.
 *
 * The texts consist of characters and words of the expression, alone and in pairs, so that they begin like a match and then
 * fail.
 */
export function findSlowText(regexp: RegExp): Attack | undefined {
  if (!/[*+]|\{\d+,/.test(regexp.source)) return undefined; // nothing in it repeats
  return attacksOn(regexp).find((attack) => {
    const length = TRIAL_CHARACTERS.find((length) => isSlow(regexp, write(attack, length), TRIAL_MILLISECONDS));
    return length !== undefined && reachesLimit(regexp, attack, length);
  });
}

/** Tries shorter texts first, as the full length may take minutes. */
function reachesLimit(regexp: RegExp, attack: Attack, from: number): boolean {
  for (let length = from; length < CHARACTERS; length *= 2) {
    if (isSlow(regexp, write(attack, length), LIMIT_MILLISECONDS)) return true;
  }
  return isSlow(regexp, write(attack, CHARACTERS), LIMIT_MILLISECONDS);
}

function isSlow(regexp: RegExp, text: string, limit: number): boolean {
  for (let run = 0; run < RUNS; run++) {
    const milliseconds = time(regexp, text);
    if (milliseconds < limit) return false;
    if (milliseconds > 100 * limit) return true;
  }
  return true;
}

/** The time of all matches in a text, in milliseconds. */
function time(regexp: RegExp, text: string): number {
  const start = performance.now();
  regexp.lastIndex = 0;
  if (regexp.global) text.replace(regexp, "");
  else do regexp.exec(text); while (regexp.sticky && regexp.lastIndex > 0);
  return performance.now() - start;
}

function write({ prefix, unit, suffix }: Attack, length: number): string {
  return prefix + unit.repeat(Math.max(1, Math.floor(length / unit.length))) + suffix;
}

function attacksOn({ source }: RegExp): Attack[] {
  const words = wordsOf(source);
  const characters = charactersOf(source);
  const prefixes = [...new Set(["", words[0] ?? "", words.join("")])];
  const endings = ["", "\0", "\n"];
  const pairs = [...words, ...characters].flatMap((one) => characters.map((other) => one + other));
  const attacks: Attack[] = [];
  for (const prefix of prefixes) {
    for (const unit of [...characters, ...words]) {
      for (const suffix of [...endings, ...characters]) attacks.push({ prefix, unit, suffix });
    }
    for (const unit of pairs) for (const suffix of endings) attacks.push({ prefix, unit, suffix });
  }
  return attacks;
}

/** The parts of an expression, with each escape as one character. */
function plainTextOf(source: string): string {
  const escapes: Readonly<Record<string, string>> = { s: " ", S: "a", d: "0", D: "a", w: "a", W: " ", b: "", n: "\n" };
  return source.replace(/\\(.)|\(\?(?:[:=!]|<[=!]|<\w+>)|[.]/g, (one, escaped: string | undefined) => {
    if (escaped !== undefined) return escapes[escaped] ?? escaped;
    return one === "." ? "a" : "(";
  });
}

/** The literal runs of an expression, such as `https://`. */
function wordsOf(source: string): string[] {
  return plainTextOf(source.replace(/\[(?:\\.|[^\]\\])*\][*+?]?/g, "()")).split(/[()|^$*+?{}]/)
    .filter((word) => word.length > 1);
}

/** The characters of an expression, and some that match most classes or none. */
function charactersOf(source: string): string[] {
  const own = [...plainTextOf(source)].filter((character) => !/[a-zA-Z0-9]/.test(character));
  return [...new Set(["a", "0", " ", "\n", "\0", ...own])];
}
