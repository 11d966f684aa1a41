/** Rules for the names and the length of files, and for the size of folders. */
import { stripSource } from "./code_only.ts";

/** Lines of code in one file; documentation does not count. */
const LONGEST_LINES = 350;

/** A folder of sources with more files is divided into folders by subject. */
const MOST_FILES = 15;

/** Names that do not describe the content. */
const EMPTY_NAMES = /^(?:utils?|helpers?|common|types|misc|shared)(?:_test)?\.ts$/;

const SNAKE_CASE = /^[a-z0-9]+(?:_[a-z0-9]+)*\.ts$/;

/** Absolute paths of one machine. Joined from pieces so that this file does not match itself. */
const MACHINE_PATH = new RegExp(`(?<![\\w.:/])/(?:${["work", "root", "home", "tmp/std"].join("|")})/`);

/** Reports a TypeScript file whose name or length breaks the rules. */
export function fileViolations(path: string, source: string): string[] {
  const name = path.split("/").at(-1)!;
  const lines = stripSource(source).code.split("\n").filter((line) => line.trim() !== "").length;
  const violations: string[] = [];
  if (EMPTY_NAMES.test(name)) violations.push(`${path}: the name does not describe the content`);
  if (!SNAKE_CASE.test(name)) violations.push(`${path}: file names must be snake_case`);
  if (lines > LONGEST_LINES) violations.push(`${path}: ${lines} lines of code; ${LONGEST_LINES} at most`);
  return violations;
}

/** Folders of `src` with too many TypeScript files, subfolders not counted. */
export function folderViolations(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    if (!path.startsWith("src/") || !path.endsWith(".ts")) continue;
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > MOST_FILES)
    .map(([folder, count]) => `${folder}: ${count} TypeScript files; ${MOST_FILES} at most`);
}

/** Lines of a text file that contain an absolute path of one machine. */
export function machinePathViolations(path: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) =>
    MACHINE_PATH.test(line) ? [`${path}:${index + 1}: an absolute path of one machine: ${line.trim()}`] : []
  );
}
