interface DenoLike {
  permissions?: { querySync?(descriptor: { name: "read" | "write"; path: string }): { state: string } };
}

interface NodeFsPromises {
  writeFile(path: string, text: string, options: { mode: number; flag: "wx" }): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

interface ProcessLike {
  getBuiltinModule?(name: string): unknown;
}

/**
 * Replaces a text file that only its owner may read, at once: nobody ever sees half of it.
 *
 * Never asks a person for a permission, and never fails: where it may not write, or there are no files, nothing happens.
 *
 * @returns Whether the file is written.
 */
export async function replaceTextFile(path: string, text: string): Promise<boolean> {
  const { Deno: deno, process } = globalThis as { Deno?: DenoLike; process?: ProcessLike };
  const fresh = `${path}.${crypto.randomUUID()}.tmp`;
  const query = deno?.permissions?.querySync?.bind(deno.permissions);
  const granted = [path, fresh].every((path) =>
    query === undefined ||
    (query({ name: "read", path }).state === "granted" && query({ name: "write", path }).state === "granted")
  );
  if (!granted) return false;
  const fs = process?.getBuiltinModule?.("node:fs/promises") as NodeFsPromises | undefined;
  try {
    await fs?.writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await fs?.rename(fresh, path);
    return fs !== undefined;
  } catch {
    await fs?.rm(fresh, { force: true }).catch(() => {});
    return false;
  }
}
