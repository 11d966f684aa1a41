// deno-lint-ignore-file no-console -- the file is also a script, which prints
/**
 * Idioms that the project's texts do not use: riddles, personifications and old names, each with the plain word. A list
 * for comments, documentation, messages and test names alike, so only unmistakable phrases are in it.
 */

/** A banned phrase, as a regular expression whose spaces also match line breaks, with the advice for its author. */
interface Idiom {
  readonly phrase: string;
  readonly advice: string;
}

const PHRASES: readonly Idiom[] = [
  { phrase: "\\b(?:takes?|took|taking) (?:its|their|his|her) time\\b", advice: "is asynchronous, is slow" },
  { phrase: "\\bhis\\b", advice: "name the subject" },
  {
    phrase: "\\bnobody (?:is|was|waits?|waited|hears?|heard|asks?|asked|reads?|misses|knows|needs|wants)\\b",
    advice: "name what is missing, or use the passive",
  },
  { phrase: "\\bnot be waited for\\b", advice: "is not a promise" },
  { phrase: "\\b(?:is|are|was|were) no such\\b", advice: "does not exist, is not a" },
  { phrase: "\\bof no\\b", advice: "without" },
  { phrase: "\\bwithout a word\\b", advice: "silently, without any part" },
  { phrase: "\\bnot a word\\b", advice: "nothing" },
  { phrase: "\\ba word of\\b", advice: "any part of" },
  { phrase: "\\b(?:is|are|was|were|be|been|being) told\\b", advice: "receives, is reported" },
  { phrase: "\\btold (?:by|of)\\b", advice: "reported" },
  { phrase: "\\b(?:hears?|heard) of (?:it|them|that)\\b", advice: "is notified, learns" },
  { phrase: "\\bby now\\b", advice: "now, meanwhile" },
  { phrase: "\\bas (?:it is|they are) by then\\b", advice: "in its current state" },
  { phrase: "\\bany more\\b", advice: "no longer" },
  { phrase: "\\bgoes on\\b", advice: "continues" },
  { phrase: "\\bgo(?:ne|ing)? on with\\b", advice: "continue" },
  { phrase: "\\bwhat is (?:not )?there\\b", advice: "name it: files, objects, entries" },
  { phrase: "(?<!there )\\b(?:is|are|was|were) none\\b(?! of)", advice: "is not a, does not count" },
  { phrase: "\\b(?:has|have|had) (?:its|their|his) say\\b", advice: "is checked, counts" },
  { phrase: "\\bone's own\\b", advice: "custom, your own" },
  { phrase: "\\bgives up\\b", advice: "aborts, stops" },
  { phrase: "\\bgiven up\\b", advice: "aborted" },
  { phrase: "\\blets? go\\b", advice: "releases, closes" },
  { phrase: "\\bstands? for\\b", advice: "represents, means" },
  { phrase: "\\bwhoever\\b", advice: "the caller, code that" },
  { phrase: "\\bcall(?:ed|s)? off\\b", advice: "cancelled" },
  { phrase: "\\bthe hunt\\b", advice: "the search" },
  { phrase: "\\bclimb(?:s|ed|ing)?\\b", advice: "path traversal, has '..' segments" },
  { phrase: "\\bminds (?:if|the|a|conditions|no)\\b", advice: "supports, honours" },
  { phrase: "\\b(?:services?|servers?) minds?\\b", advice: "supports, honours" },
  { phrase: "\\bspeaks? of\\b", advice: "names, covers" },
  { phrase: "\\b(?:says?|tells?) nothing of\\b", advice: "does not show, does not contain" },
  { phrase: "\\bwhat few (?:need|want|use)\\b", advice: "what is rarely used" },
  { phrase: "\\b(?:can|could|cannot|may|to) be had\\b", advice: "is available" },
  { phrase: "\\bmakes? no (?:url|host|address|name|signature|request)s?\\b", advice: "is not a valid, sends no" },
  { phrase: "\\bwhat (?:it|they) (?:is|are) there for\\b", advice: "name what is checked" },
  { phrase: "\\bin vain\\b", advice: "without effect, is dropped" },
  { phrase: ", say(?=[;.,)\"'`\\n])", advice: "for example, such as" },
  { phrase: "\\b(?:from|of|for) (?:a )?strangers?\\b", advice: "untrusted" },
  { phrase: "\\bwhole numbers?\\b", advice: "integer" },
  { phrase: "\\bat once\\b", advice: "immediately, or at the same time" },
  { phrase: "\\bon (?:its|their) way\\b", advice: "being sent, in transit" },
  { phrase: "\\bby then\\b", advice: "already, meanwhile" },
  { phrase: "\\btime-outs?\\b", advice: "timeout" },
  { phrase: "\\bexists already\\b", advice: "already exists" },
  { phrase: "\\b(?:is|are|was|were) answered with\\b", advice: "gets, responds with" },
  { phrase: "\\b(?:an|the) answers? (?:of|to|from|whose)\\b", advice: "response" },
  { phrase: "\\b(?:answers?|responds?) so\\b", advice: "responds this way, sends the same" },
  { phrase: "\\bmay be gone\\b", advice: "is temporary" },
  { phrase: "\\bwithout looking (?:if|whether)\\b", advice: "without checking whether" },
  { phrase: "\\b(?:HEAD|GET|request) more\\b(?= for|, | than)", advice: "one more request" },
  { phrase: "\\bhalf of a (?:release|file)\\b", advice: "partial" },
  { phrase: "\\bused up (?:its|all|the)\\b", advice: "after all attempts" },
];

/** Former names of the code; these are case-sensitive. */
const NAMES: readonly Idiom[] = [
  { phrase: "\\blacking\\w*\\(", advice: "invalidResponse()" },
  { phrase: "\\bpatience\\b", advice: "timeoutFactor" },
  { phrase: "\\bremed(?:y|ies)\\b", advice: "recovery, recoveries" },
  { phrase: "\\bclass Tries\\b", advice: "RetryState" },
  { phrase: "\\bgiveUp\\w*", advice: "abort" },
  { phrase: "\\b(?:class|new) Look\\b", advice: "Responder" },
  { phrase: "\\bDoomed\\b", advice: "FileToDelete" },
  { phrase: "\\b(?:class|interface|type) Stamp\\b", advice: "SigningScope" },
  { phrase: "\\b(?:class|interface|type) Given\\b", advice: "ParsedOptions" },
  { phrase: "\\bdeafUntil\\b", advice: "ignoreRefusalsUntil" },
  { phrase: "\\b(?:class|interface|type) LeftOut\\b", advice: "SkippedEntries" },
  { phrase: "\\b(?:class|interface|type) Fresh\\b", advice: "TempOutput" },
  { phrase: "\\bfunction hidden\\b", advice: "asSecret()" },
  { phrase: "\\bfunction shown\\b", advice: "formatValue()" },
  { phrase: "\\bfunction wrong\\b", advice: "invalidValue()" },
  { phrase: "\\bfunction tell\\w*", advice: "report" },
  { phrase: "\\bDecidedManifestOptions\\b", advice: "ResolvedManifestOptions" },
  { phrase: "\\bFileWork\\b", advice: "FileTransaction" },
  { phrase: "\\bplainAnswer\\b", advice: "plainResponse()" },
  { phrase: "\\b[Aa]nsweredHead\\b", advice: "ResponseHead, parseHead()" },
  { phrase: "\\bFailedAnswer\\b", advice: "FailedResponse" },
  {
    phrase: "/(?:described|on_demand|absent|ask|tidy_up)\\.ts\\b|\\bserve/answer\\.ts\\b|\\btesting/route\\.ts\\b",
    advice: "attributes, lazy, no_credentials, credential_request, cleanup; serve/response, testing/operations",
  },
];

/** What may separate two words: white space, a comment's line break, or a text that is joined over two lines. */
const GAP = "(?:\\s*[\"'`]\\s*\\+\\s*[\"'`]\\s*|\\s+(?:\\*\\s+|//+\\s+)?)";

const BETWEEN_WORDS = new RegExp(GAP, "g");

const PATTERNS = [
  ...PHRASES.map(({ phrase, advice }) => ({ pattern: toPattern(phrase, "gi"), advice })),
  ...NAMES.map(({ phrase, advice }) => ({ pattern: toPattern(phrase, "g"), advice })),
];

function toPattern(phrase: string, flags: string): RegExp {
  return new RegExp(phrase.replaceAll(" ", GAP), flags);
}

/** Reports each banned idiom in a text as `path:line: idiom → advice`, in the order of their lines. */
export function voiceViolations(path: string, text: string): string[] {
  const found: { readonly index: number; readonly words: string; readonly advice: string }[] = [];
  for (const { pattern, advice } of PATTERNS) {
    for (const { index, 0: match } of text.matchAll(pattern)) {
      found.push({ index, words: match.replaceAll(BETWEEN_WORDS, " "), advice });
    }
  }
  return found.sort((one, other) => one.index - other.index)
    .map(({ index, words, advice }) => `${path}:${lineOf(text, index)}: ${words} → ${advice}`);
}

/** Whether a file is prose or code that somebody reads, and not this list itself or generated data. */
export function hasVoice(path: string): boolean {
  if (/^tests\/(?:vectors\/|house\/voice(?:_test)?\.ts$)/.test(path)) return false;
  return /^(?:src|docs|examples|tests)\/|^(?:README|CONTRIBUTING|ARCHITECTURE|mod)\.\w+$/.test(path) &&
    /\.(?:ts|tsx|js|mjs|md|html|sh)$/.test(path);
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** `deno run -R tests/house/voice.ts PATH…` prints the violations of some files or folders. */
if (import.meta.main) {
  const { filesIn, readSource } = await import("./source_files.ts");
  for (const path of await filesIn("")) {
    const isAsked = Deno.args.length === 0 || Deno.args.some((start) => path === start || path.startsWith(`${start}/`));
    if (isAsked && hasVoice(path)) {
      console.log(voiceViolations(path, await readSource(path)).join("\n") || `${path}: ok`);
    }
  }
}
