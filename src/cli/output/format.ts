import { printable } from "../../kit/text/printable.ts";

export { printable };

/** Formats a number of bytes: `1.2 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  let unit = -1;
  let value = count;
  do {
    value /= 1000;
    unit++;
  } while (value >= 999.5 && unit < UNITS.length - 1);
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Formats a count with its noun: `1 file`, `2,000 files`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** Formats a number with commas between thousands. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

/** Formats a duration: `340 ms`, `2.4 s`, `1 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Formats a value as JSON, with control characters escaped that JSON allows but terminals interpret. */
export function json(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).split("\n").map(printable).join("\n");
}

/** Escapes all control characters of a text but line ends and our colours. */
export function harmless(text: string): string {
  return text.split(KEPT).map((part, index) => index % 2 === 1 ? part : printable(part)).join("");
}

/** The terminal codes of the colours in use. */
export const COLOUR_CODES = { bold: 1, dim: 2, green: 32, red: 31, yellow: 33 } as const;

// deno-lint-ignore no-control-regex -- colours begin with an escape character
const KEPT = /(\n|\x1b\[(?:1|2|22|31|32|33|39)m)/;

/** The width of a text in terminal columns; wide characters take two. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** Shortens a text in its middle to a number of columns. */
export function fitToWidth(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  const characters = [...text];
  const take = (from: readonly string[], room: number): string[] => {
    const taken: string[] = [];
    for (const character of from) {
      if ((room -= widthOf(character)) < 0) break;
      taken.push(character);
    }
    return taken;
  };
  const room = Math.max(0, columns - 1);
  const tail = take(characters.toReversed(), Math.ceil(room / 2)).reverse();
  return `${take(characters, room - width(tail.join(""))).join("")}…${tail.join("")}`;
}

function widthOf(character: string): number {
  if (/\p{M}|\u200d|\ufe0f/u.test(character)) return 0;
  return /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u
      .test(character)
    ? 2
    : 1;
}
