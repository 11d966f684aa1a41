/** Bytes as people read them: `1.2 MB`. */
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

/** A count with its noun: `1 file`, `2,000 files`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** A number with commas between its thousands. */
export function grouped(number: number): string {
  return number.toLocaleString("en-US");
}

/** How long something took: `340 ms`, `2.4 s`, `1 min 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A name that cannot move the cursor or forge a line. */
export function printable(name: string): string {
  // deno-lint-ignore no-control-regex -- just these are to be shown as what they are
  return name.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The columns that a text takes on a terminal; wide characters take two. */
export function width(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** The text cut in its middle to so many columns. */
export function fitted(text: string, columns: number): string {
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
