import { isWindows } from "../detect.ts";

/**
 * Which symbolic links are followed when a folder on disk is read: `"never"`; `"inside"`, links whose target is in the same
 * folder; or `"anywhere"`. The real path of the target decides, with all links on the way resolved. A link to a folder that
 * contains the link is never followed.
 *
 * @example
 * ```ts
 * import { collect, type FollowLinks } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/app.1.js`, "1");
 * await Deno.symlink("app.1.js", `${folder}/app.js`);
 * await Deno.symlink("/etc/hosts", `${folder}/hosts`);
 * const followLinks: FollowLinks = "inside"; // the default of collect
 * const { copied, omitted } = await collect(new MemoryStorage(), { from: folder, followLinks });
 * assertEquals([copied, omitted], [2, ["hosts"]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export type FollowLinks = "never" | "inside" | "anywhere";

/** Why a link is skipped: links are not followed, it leads out of the folder, or its target does not exist. */
export type LinkProblem = "link" | "outside" | "dangling";

/**
 * Checks the option `followLinks`.
 *
 * @throws {TypeError} If it is not one of the three values.
 */
export function checkFollowLinks(value: unknown): void {
  if (value === undefined || value === "never" || value === "inside" || value === "anywhere") return;
  throw new TypeError(`followLinks must be "never", "inside" or "anywhere", got ${JSON.stringify(value)}`);
}

/** The path of an entry of a folder, with the separator that real paths have. */
export function pathIn(folder: string, name: string): string {
  const slash = isWindows() ? "\\" : "/";
  return folder.endsWith(slash) ? folder + name : folder + slash + name;
}

/** Whether a path is the folder or below it; both must be real paths. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(pathIn(folder, ""));
}

/** Whether an error says that a path leads to nothing: its target is missing, it leads through a file, or links form a circle. */
export function isMissingPath(error: unknown): boolean {
  return /^(ENOENT|ENOTDIR|ELOOP)$/.test((error as { code?: string } | null)?.code ?? "");
}
