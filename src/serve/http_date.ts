const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The current form, and two obsolete ones that old programs may send. */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/**
 * Parses the date of a header, in seconds since 1970; `undefined` if it is malformed. `Date.parse` accepts many other forms.
 *
 * Source: RFC 9110, section 5.6.7.
 *
 * @param now The date that resolves a year of two digits.
 */
export function parseHttpDate(text: string | null, now = new Date()): number | undefined {
  const groups = FORMS.map((form) => form.exec(text ?? "")?.groups).find((found) => found !== undefined);
  if (groups === undefined) return undefined;
  const { day, month, year, time } = groups as Record<"day" | "month" | "year" | "time", string>;
  const monthNumber = MONTHS.indexOf(month) + 1;
  const pad = (number: number): string => String(number).padStart(2, "0");
  const iso = `${fullYear(year, now)}-${pad(monthNumber)}-${pad(Number(day))}T${time.replace(/:60$/, ":59")}Z`;
  const milliseconds = Date.parse(iso);
  const isDay = !Number.isNaN(milliseconds) && new Date(milliseconds).getUTCDate() === Number(day); // not 31 February
  return isDay ? milliseconds / 1000 : undefined;
}

/** The year of four digits. A year of two digits that would be more than 50 years in the future is in the past. */
function fullYear(year: string, now: Date): string {
  if (year.length === 4) return year;
  const thisYear = now.getUTCFullYear();
  const guess = Math.floor(thisYear / 100) * 100 + Number(year);
  return String(guess > thisYear + 50 ? guess - 100 : guess);
}
