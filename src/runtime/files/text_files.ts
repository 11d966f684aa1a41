import { ConfigurationError } from "../../errors.ts";
import { isPermitted } from "../permission.ts";
import { findFs } from "./node_fs.ts";

/** The longest text file that is read: larger than any bundle of certificates. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a small text file at once, where the runtime has files.
 *
 * Never asks a person for a permission: on Deno a file that may not be read counts as missing. So does what is no regular
 * file, and a path that begins with `~`: who wrote it meant the home folder, not one of that name in the working directory.
 *
 * @param path The file.
 * @returns Its text; `undefined` if there is no such file, or it may not be read.
 * @throws {ConfigurationError} If it is larger than 4 MiB.
 */
export function readTextFileSync(path: string): string | undefined {
  if (path.startsWith("~") || !isPermitted({ name: "read", path })) return undefined;
  try {
    const fs = findFs();
    const stats = fs?.statSync(path);
    if (!stats?.isFile()) return undefined;
    if (stats.size > MAX_BYTES) throw new ConfigurationError(`The file ${path} is larger than 4 MiB`);
    return fs!.readFileSync(path, "utf-8");
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    return undefined;
  }
}

/** The same for code that waits. */
export async function readTextFile(path: string): Promise<string | undefined> {
  return await readTextFileSync(path);
}
