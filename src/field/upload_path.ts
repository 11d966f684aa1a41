import { trimEnd } from "../kit/text/trim_end.ts";
import { checkName } from "../storage/contract/names.ts";

/**
 * The path of a name in a folder. The name may have folders, but no `..` segments.
 *
 * @throws {SuspiciousNameError} If the name leads out of the folder.
 */
export function pathBelow(folder: string, name: string): string {
  checkName(name);
  return folder === "" ? name : `${folder}/${name}`;
}

const DIRECTIVES: Readonly<Record<string, (date: Date) => string>> = {
  "%": () => "%",
  Y: (date) => String(date.getUTCFullYear()).padStart(4, "0"),
  y: (date) => twoDigits(date.getUTCFullYear() % 100),
  m: (date) => twoDigits(date.getUTCMonth() + 1),
  d: (date) => twoDigits(date.getUTCDate()),
  H: (date) => twoDigits(date.getUTCHours()),
  M: (date) => twoDigits(date.getUTCMinutes()),
  S: (date) => twoDigits(date.getUTCSeconds()),
  j: (date) => String(dayOfYear(date)).padStart(3, "0"),
};

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function dayOfYear(date: Date): number {
  return (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) -
    Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000;
}

/**
 * Makes a function that returns the folder of a date, from a pattern such as `photos/%Y/%m/%d`.
 *
 * Source: Django's `upload_to`, which uses `strftime`. The directives here do not depend on language and time zone; the date is
 * in UTC.
 *
 * @throws {TypeError} If a directive is unknown.
 * @throws {SuspiciousNameError} If the pattern begins with a slash, or has `..` segments.
 */
export function folderPattern(pattern: string): (date: Date) => string {
  checkName(pattern);
  for (const [directive, letter = ""] of pattern.matchAll(/%(.?)/g)) {
    if (Object.hasOwn(DIRECTIVES, letter)) continue;
    const known = Object.keys(DIRECTIVES).map((key) => `%${key}`).join(" ");
    throw new TypeError(
      `Cannot create a file field: uploadTo must have only the directives ${known}, got '${directive}' in '${pattern}'`,
    );
  }
  const folder = trimEnd(pattern, "/\\");
  return (date) => folder.replace(/%(.)/g, (_, letter: string) => DIRECTIVES[letter]!(date));
}
