import { trimEnd } from "../kit/text/trim_end.ts";
import { checkName } from "../storage/contract/names.ts";

/** The name of a file without its folder is chosen by who saves it: it may bring folders, and not climb out of them. */
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
 * What makes the folder of a date, from a text such as `photos/%Y/%m/%d`, which is checked at once.
 *
 * Source: `upload_to` of Django, which goes through `strftime`; the directives here are those that mean the same in every
 * language and time zone, and the date is that of UTC.
 *
 * @throws {TypeError} If there is no such directive.
 * @throws {SuspiciousNameError} If it begins with a slash, or climbs.
 */
export function folderPattern(pattern: string): (date: Date) => string {
  checkName(pattern);
  for (const [directive, letter = ""] of pattern.matchAll(/%(.?)/g)) {
    if (Object.hasOwn(DIRECTIVES, letter)) continue;
    const known = Object.keys(DIRECTIVES).map((key) => `%${key}`).join(" ");
    throw new TypeError(`There is no '${directive}' in uploadTo, '${pattern}': use ${known}`);
  }
  const folder = trimEnd(pattern, "/\\");
  return (date) => folder.replace(/%(.)/g, (_, letter: string) => DIRECTIVES[letter]!(date));
}
