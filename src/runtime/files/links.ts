import { isWindows } from "../detect.ts";

/**
 * Which symbolic links are followed where a folder on disk is read: `"never"`; `"inside"`, those that lead to something in
 * that same folder; or `"anywhere"`. What a link leads to counts by its real path, with all links on the way resolved. A link
 * that leads back to a folder that it is in is never entered.
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
 * const to = new MemoryStorage();
 * const { copied, leftOut } = await collect({ from: folder, to, followLinks });
 * assertEquals([copied, leftOut], [2, ["hosts"]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export type FollowLinks = "never" | "inside" | "anywhere";

/** Why a link is left out: no link is followed, it leads out of the folder, or there is nothing where it leads. */
export type LinkProblem = "link" | "outside" | "dangling";

/**
 * Checks an option.
 *
 * @throws {TypeError} If it is none of the three.
 */
export function checkFollowLinks(value: unknown): void {
  if (value === undefined || value === "never" || value === "inside" || value === "anywhere") return;
  throw new TypeError(`followLinks must be "never", "inside" or "anywhere", got ${JSON.stringify(value)}`);
}

/** The path of what is in a folder, in the form that real paths have. */
export function pathIn(folder: string, name: string): string {
  const slash = isWindows() ? "\\" : "/";
  return folder.endsWith(slash) ? folder + name : folder + slash + name;
}

/** Whether a real path is that of a folder, or below it; the folder's path is real too. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(pathIn(folder, ""));
}

/** Whether an error says that a path leads to nothing: to what is not there, through a file, or in a circle of links. */
export function isNothingThere(error: unknown): boolean {
  return /^(ENOENT|ENOTDIR|ELOOP)$/.test((error as { code?: string } | null)?.code ?? "");
}
