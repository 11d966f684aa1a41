import { NotSupportedError } from "../../errors.ts";
import { keepPermissions, modeToReplace } from "./keep_permissions.ts";
import { findFsPromises } from "./node_fs.ts";

/**
 * Writes a stream to a file, which appears, or is replaced, once all of it is there. From the first moment on nobody may
 * read it who could not read the file that it replaces, and it keeps that one's permissions.
 *
 * @returns How many bytes it has.
 * @throws {NotSupportedError} If the runtime has no files.
 */
export async function saveFile(path: string | URL, stream: ReadableStream<Uint8Array>): Promise<number> {
  const fs = findFsPromises();
  if (fs === undefined) throw new NotSupportedError(`This runtime has no files: ${path} cannot be written`);
  const suffix = `.${crypto.randomUUID()}.tmp`;
  // Beside the file, as only there a rename is one step.
  const fresh = path instanceof URL ? new URL(path) : path + suffix;
  if (fresh instanceof URL) fresh.pathname += suffix;
  const replaced = await fs.stat(path).catch(() => undefined);
  const handle = await fs.open(fresh, "wx", replaced && modeToReplace(replaced));
  try {
    let length = 0;
    try {
      if (replaced !== undefined) {
        const own = await handle.stat();
        const chgrp = (gid: number): Promise<void> => handle.chown(own.uid, gid);
        await keepPermissions(own, replaced, { chgrp, chmod: (mode) => handle.chmod(mode) });
      }
      for await (const chunk of stream) {
        await handle.writeFile(chunk); // goes on where the one before ended
        length += chunk.byteLength;
      }
    } finally {
      await handle.close();
    }
    await fs.rename(fresh, path);
    return length;
  } catch (error) {
    await fs.rm(fresh, { force: true }).catch(() => {}); // what went wrong first is what to tell
    throw error;
  }
}
