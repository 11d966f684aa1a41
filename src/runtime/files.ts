import { builtin } from "./builtin.ts";
import { isPermitted } from "./permission.ts";

interface NodeFs {
  readFileSync(path: string, encoding: "utf-8"): string;
}

interface NodeFsPromises {
  readFile(path: string, encoding: "utf-8"): Promise<string>;
}

/**
 * Reads a small text file at once, where the runtime has files.
 *
 * Never asks a person for a permission: on Deno a file that may not be read counts as missing.
 *
 * @param path The file.
 * @returns Its text; `undefined` if there is no such file, or it may not be read.
 */
export function readTextFileSync(path: string): string | undefined {
  if (!isPermitted({ name: "read", path })) return undefined;
  try {
    return builtin<NodeFs>("node:fs")?.readFileSync(path, "utf-8");
  } catch {
    return undefined;
  }
}

/**
 * Reads a small text file, where the runtime has files.
 *
 * Never asks a person for a permission: on Deno a file that may not be read counts as missing.
 *
 * @param path The file.
 * @returns Its text; `undefined` if there is no such file, or it may not be read.
 */
export async function readTextFile(path: string): Promise<string | undefined> {
  if (!isPermitted({ name: "read", path })) return undefined;
  try {
    return await builtin<NodeFsPromises>("node:fs/promises")?.readFile(path, "utf-8");
  } catch {
    return undefined;
  }
}
