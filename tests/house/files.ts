/** How files are named, and how long they may be. */

import { stripSource } from "./code_only.ts";

/** A file that needs more lines of code is two files; documentation is never too long. */
const LONGEST_LINES = 350;

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|types|misc|shared)(?:_test)?\.ts$/;

const SNAKE_CASE = /^[a-z0-9]+(?:_[a-z0-9]+)*\.ts$/;

/** Paths of one machine, which mean nothing on any other. Put together here so that this file does not break its own rule. */
const MACHINE_PATH = new RegExp(`(?<![\\w.:/])/(?:${["work", "root", "home", "tmp/std"].join("|")})/`);

/** What is wrong with a TypeScript file's name or length. */
export function fileViolations(path: string, source: string): string[] {
  const name = path.split("/").at(-1)!;
  const lines = stripSource(source).code.split("\n").filter((line) => line.trim() !== "").length;
  const violations: string[] = [];
  if (EMPTY_NAMES.test(name)) violations.push(`${path}: the name does not say what the file is about`);
  if (!SNAKE_CASE.test(name)) violations.push(`${path}: file names are snake_case`);
  if (lines > LONGEST_LINES) violations.push(`${path}: ${lines} lines of code; ${LONGEST_LINES} at most`);
  return violations;
}

/** Lines of any text file that name a path of somebody's machine. */
export function machinePathViolations(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    MACHINE_PATH.test(line) ? [`${path}:${index + 1}: a path of one machine: ${line.trim()}`] : []
  );
}
