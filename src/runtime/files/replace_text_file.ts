import { isPermitted } from "../permission.ts";
import { findFsPromises } from "./node_fs.ts";

/**
 * Replaces a text file atomically; only its owner may read it.
 *
 * Never throws, and no permission prompt appears: without the permission to write, or without a disk, nothing happens.
 *
 * @returns Whether the file was written.
 */
export async function replaceTextFile(path: string, text: string): Promise<boolean> {
  const tempPath = `${path}.${crypto.randomUUID()}.tmp`;
  const isGranted = [path, tempPath].every((path) =>
    isPermitted({ name: "read", path }) && isPermitted({ name: "write", path })
  );
  if (!isGranted) return false;
  const fs = findFsPromises();
  try {
    await fs?.writeFile(tempPath, text, { mode: 0o600, flag: "wx" });
    await fs?.rename(tempPath, path);
    return fs !== undefined;
  } catch {
    await fs?.rm(tempPath, { force: true }).catch(() => {});
    return false;
  }
}
