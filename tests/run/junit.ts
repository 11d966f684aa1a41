/** The counts of a JUnit report of `deno test`. */
export interface JunitCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
}

/**
 * Counts the test cases of a report, in which each step of a test is a case.
 *
 * Deno escapes messages, so the tags can be found without an XML parser after attribute values are removed.
 */
export function readJunit(report: string): JunitCounts {
  let passed = 0;
  let failed = 0;
  const skippedNames: string[] = [];
  for (const [, attributes = "", body = ""] of report.matchAll(/<testcase\b([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g)) {
    if (/<(?:failure|error)\b/.test(body)) failed++;
    else if (/<skipped\b/.test(body)) skippedNames.push(unescape(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? "?"));
    else passed++;
  }
  return { passed, failed, skipped: skippedNames.length, skippedNames };
}

function unescape(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!);
}
