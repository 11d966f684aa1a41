import { ConfigurationError } from "../../errors.ts";
import { readEnvironment } from "../environment.ts";
import { isPermitted } from "../permission.ts";
import { findFs } from "./node_fs.ts";

/** The folder for temporary files: that of Django's setting of this name, else the system's. */
export function tempFolder(): string {
  for (const name of ["FILE_UPLOAD_TEMP_DIR", "TMPDIR", "TMP", "TEMP"]) {
    const folder = readEnvironment(name);
    if (folder !== undefined) return folder;
  }
  return "/tmp";
}

/** Whether the runtime has a disk: Deno, Bun and Node do, edge runtimes do not. */
export function hasTempFiles(): boolean {
  return findFs() !== undefined;
}

/**
 * Checks the permission to create temporary files. No permission prompt appears.
 *
 * @param setting The name of the setting that needs them.
 * @throws {ConfigurationError} If the permission is missing.
 */
export function checkTempFiles(setting: string): void {
  if (!hasTempFiles()) return;
  const path = tempFolder();
  if (isPermitted({ name: "read", path }) && isPermitted({ name: "write", path })) return;
  throw new ConfigurationError(
    `Cannot create temporary files in '${path}' for ${setting}: run with --allow-read=${path} --allow-write=${path}, ` +
      `set FILE_UPLOAD_TEMP_DIR to a permitted folder, or set ${setting} to 0`,
  );
}
