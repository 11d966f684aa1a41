import { readTextFileSync } from "./text_files.ts";

/** Does the same as {@linkcode readTextFileSync}, asynchronously. */
export async function readTextFile(path: string): Promise<string | undefined> {
  return await readTextFileSync(path);
}
