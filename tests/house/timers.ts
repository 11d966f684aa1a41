/** Finds timers whose delay is computed, but not limited to what timers accept. */
import { stripSource } from "./code_only.ts";

/** A number, a constant of the file, or a limited time. */
const ACCEPTED = /^(?:\d+|[A-Z][A-Z\d_]*|timerDelay\([^]*\))?$/;

/** The delays of `setTimeout` and `setInterval` in a source that may be negative, or longer than timers accept. */
export function findUnlimitedDelays(source: string): string[] {
  const { code } = stripSource(source);
  const starts = [...code.matchAll(/\bset(?:Timeout|Interval)\(/g)];
  return starts.map(({ 0: { length }, index }) => delayAt(code, index + length)).filter((delay) =>
    !ACCEPTED.test(delay)
  );
}

/** The second argument of a call whose arguments begin at `start`; empty without one. */
function delayAt(code: string, start: number): string {
  const args = [""];
  let depth = 0;
  for (const char of code.slice(start)) {
    if ("([{".includes(char)) depth++;
    if (")]}".includes(char) && depth-- === 0) break;
    if (char === "," && depth === 0) args.push("");
    else args[args.length - 1] += char;
  }
  return args[1]?.trim() ?? "";
}
