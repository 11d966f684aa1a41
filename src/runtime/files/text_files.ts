import { ConfigurationError } from "../../errors.ts";
import { isPermitted } from "../permission.ts";
import { findFs } from "./node_fs.ts";

/** The largest text file that is read: larger than any bundle of certificates. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a small text file synchronously.
 *
 * On Deno no permission prompt appears: a file that may not be read is treated as missing. So are other things than regular
 * files, and a path that begins with `~`, which means the home folder and not a folder of that name.
 *
 * @param path The path of the file.
 * @returns The text; `undefined` if the file does not exist or may not be read, or the runtime has no files.
 * @throws {ConfigurationError} If the file is larger than 4 MiB.
 */
export function readTextFileSync(path: string): string | undefined {
  if (path.startsWith("~") || !isPermitted({ name: "read", path })) return undefined;
  try {
    const fs = findFs();
    const stats = fs?.statSync(path);
    if (!stats?.isFile()) return undefined;
    if (stats.size > MAX_BYTES) throw new ConfigurationError(`Cannot read '${path}': it is larger than 4 MiB`);
    return fs!.readFileSync(path, "utf-8");
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    return undefined;
  }
}

/** Does the same as {@linkcode readTextFileSync}, asynchronously. */
export async function readTextFile(path: string): Promise<string | undefined> {
  return await readTextFileSync(path);
}
