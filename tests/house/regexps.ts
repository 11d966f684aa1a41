/** Regular expressions of the sources, and how long adversarial text holds them up. */

/** A regular expression as it stands in a source. */
export interface FoundRegExp {
  readonly text: string;
  /** `undefined` for one that is made of variables at run time. */
  readonly regexp: RegExp | undefined;
}

/** Every regular expression in a source, by its syntax tree. */
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

/** The value of `new RegExp("…")`; `undefined` where it is made of anything but texts. */
function evaluate(text: string): RegExp | undefined {
  const isOfTexts = /^new RegExp\([\s+,]*\)$/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ""));
  return isOfTexts ? new Function(`return ${text}`)() as RegExp : undefined;
}

/** Text that a regular expression is to be tried on: `prefix`, then `unit` as often as it fits, then `suffix`. */
export interface Attack {
  readonly prefix: string;
  readonly unit: string;
  readonly suffix: string;
}

/** The length of the text that has to be read within {@linkcode LIMIT_MILLISECONDS}. */
const CHARACTERS = 100_000;
const LIMIT_MILLISECONDS = 50;

/**
 * A text is tried at these lengths first, which tell an exponential and a cubic time before they take hours. What takes less
 * than a millisecond at all of them is linear, or as good as that.
 */
const TRIAL_CHARACTERS = [24, 500, 16_000];
const TRIAL_MILLISECONDS = 1;

/** A busy machine may take the time of some runs, hardly of all. */
const RUNS = 5;

/**
 * The text that holds a regular expression up for longer than the limit; `undefined` if none of those tried does.
 *
 * The texts are made of the expression's own characters and words, alone and in pairs, so that they begin like what
 * matches and then do not.
 */
export function findSlowText(regexp: RegExp): Attack | undefined {
  if (!/[*+]|\{\d+,/.test(regexp.source)) return undefined; // nothing in it repeats
  return attacksOn(regexp).find((attack) => {
    const length = TRIAL_CHARACTERS.find((length) => isSlow(regexp, write(attack, length), TRIAL_MILLISECONDS));
    return length !== undefined && reachesLimit(regexp, attack, length);
  });
}

/** A shorter text that takes too long already saves the minutes that the whole one would take. */
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

/** Milliseconds that all matches in the text take. */
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

/** What the expression is made of once its escapes stand for a character each. */
function plainTextOf(source: string): string {
  const escapes: Readonly<Record<string, string>> = { s: " ", S: "a", d: "0", D: "a", w: "a", W: " ", b: "", n: "\n" };
  return source.replace(/\\(.)|\(\?(?:[:=!]|<[=!]|<\w+>)|[.]/g, (one, escaped: string | undefined) => {
    if (escaped !== undefined) return escapes[escaped] ?? escaped;
    return one === "." ? "a" : "(";
  });
}

/** Its runs of characters that stand for themselves, such as `https://`. */
function wordsOf(source: string): string[] {
  return plainTextOf(source.replace(/\[(?:\\.|[^\]\\])*\][*+?]?/g, "()")).split(/[()|^$*+?{}]/)
    .filter((word) => word.length > 1);
}

/** Its characters, and those that match most classes or none. */
function charactersOf(source: string): string[] {
  const own = [...plainTextOf(source)].filter((character) => !/[a-zA-Z0-9]/.test(character));
  return [...new Set(["a", "0", " ", "\n", "\0", ...own])];
}
