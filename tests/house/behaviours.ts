/** The table of behaviours of django-storages in `tests/django_storages_behaviours.md`, and the tests that it names. */

/** One row of the table: a numbered behaviour and the test that covers it. */
export interface Behaviour {
  readonly number: string;
  readonly file: string;
  readonly test: string;
}

/** Reads the rows of the table; all other lines are ignored. */
export function readBehaviours(markdown: string): Behaviour[] {
  return markdown.split("\n").flatMap((line) => {
    const cells = line.split("|").map((cell) => cell.trim());
    const [, number = "", , , file = "", test = ""] = cells;
    return /^[A-Z]\d+$/.test(number) ? [{ number, file, test }] : [];
  });
}

/**
 * Reports rows whose test does not exist, and numbers without a row.
 *
 * @param read Reads a test file, or returns `undefined` if it does not exist.
 * @param last The last number of each section.
 */
export async function behaviourViolations(
  behaviours: readonly Behaviour[],
  last: Readonly<Record<string, number>>,
  read: (path: string) => Promise<string | undefined>,
): Promise<string[]> {
  const violations: string[] = [];
  for (const { number, file, test } of behaviours) {
    const source = await read(file);
    if (source === undefined) violations.push(`${number}: no file ${file}`);
    else if (!quotedTexts(source).has(test)) violations.push(`${number}: ${file} has no test "${test}"`);
  }
  for (const [section, count] of Object.entries(last)) {
    for (let index = 1; index <= count; index++) {
      const number = `${section}${index}`;
      if (!behaviours.some((behaviour) => behaviour.number === number)) violations.push(`${number}: no test`);
    }
  }
  return violations;
}

/** String and template literals of one line, without their quotes; `\\` is read as `\`. */
function quotedTexts(source: string): Set<string> {
  const texts = new Set<string>();
  for (const [, , text] of source.matchAll(/(["`])((?:[^\\\n]|\\.)*?)\1/g)) texts.add(text!.replaceAll("\\\\", "\\"));
  return texts;
}
