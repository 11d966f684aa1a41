import { isPermitted } from "../permission.ts";
import { findFsPromises } from "./node_fs.ts";

/**
 * Replaces a text file that only its owner may read, at once: nobody ever sees half of it.
 *
 * Never asks a person for a permission, and never fails: where it may not write, or there are no files, nothing happens.
 *
 * @returns Whether the file is written.
 */
export async function replaceTextFile(path: string, text: string): Promise<boolean> {
  const fresh = `${path}.${crypto.randomUUID()}.tmp`;
  const isGranted = [path, fresh].every((path) =>
    isPermitted({ name: "read", path }) && isPermitted({ name: "write", path })
  );
  if (!isGranted) return false;
  const fs = findFsPromises();
  try {
    await fs?.writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await fs?.rename(fresh, path);
    return fs !== undefined;
  } catch {
    await fs?.rm(fresh, { force: true }).catch(() => {});
    return false;
  }
}
