import { fromFileUrl } from "@std/path";
import { NotSupportedError } from "../../errors.ts";
import { keepPermissions, modeToReplace } from "./keep_permissions.ts";
import { onDisk } from "./disk_error.ts";
import { type FileHandle, type FileStats, findFsPromises, type NodeFsPromises } from "./node_fs.ts";

/** What to do about a failure, by the code of the system. */
const ADVICE: Readonly<Record<string, string>> = {
  EACCES: "Write to a folder of this user",
  EISDIR: "Give the path of a file",
  ENOENT: "Create its folder first",
  ENOSPC: "Free space, or write to another disk",
  EPERM: "Write to a folder of this user",
  EROFS: "Write to another disk",
};

/**
 * Makes a function that writes a stream to a file, which appears, or is replaced, once all bytes are written. At no moment
 * can anyone read the new content who could not read the file that it replaces, and the file keeps that one's permissions.
 *
 * @param target The path of the file, or its `file:` URL.
 * @returns The function, which returns the size of the file, in bytes. It rejects with a {@linkcode DiskError} if the file
 * cannot be written: the folder does not exist or may not be written, or the disk is full.
 * @throws {NotSupportedError} If the runtime has no files.
 * @throws {TypeError} If a URL is not that of a file.
 */
export function fileWriter(target: string | URL): (stream: ReadableStream<Uint8Array>) => Promise<number> {
  const fs = findFsPromises();
  if (fs === undefined) throw new NotSupportedError(`Cannot write ${target}: this runtime has no files`);
  const path = target instanceof URL ? fromFileUrl(target) : target;
  return (stream) => onDisk({ action: `write '${path}'`, advice: ADVICE }, save(fs, path, stream));
}

async function save(fs: NodeFsPromises, path: string, stream: ReadableStream<Uint8Array>): Promise<number> {
  // In the same folder, as only there a rename is atomic.
  const tempPath = `${path}.${crypto.randomUUID()}.tmp`;
  const replaced = await fs.stat(path).catch(() => undefined);
  const handle = await fs.open(tempPath, "wx", replaced && modeToReplace(replaced));
  try {
    const length = await writeAll(handle, stream, replaced);
    await fs.rename(tempPath, path);
    return length;
  } catch (error) {
    await fs.rm(tempPath, { force: true }).catch(() => {}); // the first error is the one to report
    throw error;
  }
}

/** Writes the stream and closes the file, in any case. */
async function writeAll(
  handle: FileHandle,
  stream: ReadableStream<Uint8Array>,
  replaced: FileStats | undefined,
): Promise<number> {
  try {
    if (replaced !== undefined) {
      const own = await handle.stat();
      const chgrp = (gid: number): Promise<void> => handle.chown(own.uid, gid);
      await keepPermissions(own, replaced, { chgrp, chmod: (mode) => handle.chmod(mode) });
    }
    let length = 0;
    for await (const chunk of stream) {
      await handle.writeFile(chunk); // continues where the write before ended
      length += chunk.byteLength;
    }
    return length;
  } finally {
    await handle.close();
  }
}
