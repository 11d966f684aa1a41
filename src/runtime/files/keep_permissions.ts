import { isWindows } from "../detect.ts";

/** The group and the mode of a file. */
export interface Permissions {
  readonly gid: number | bigint;
  readonly mode: number | bigint;
}

/** Changes the permissions of a file. */
export interface PermissionChanges {
  /** Changes the group. */
  chgrp(gid: number): Promise<void>;
  chmod(mode: number): Promise<void>;
}

/** The permission bits of a mode, without setuid, setgid and sticky. */
export function modeOf({ mode }: Pick<Permissions, "mode">): number {
  return Number(mode) & 0o777;
}

/**
 * The mode to create a file with that will replace another one: the permissions of the owner only, as the group of the new
 * file is not known before.
 */
export function modeToReplace(replaced: Pick<Permissions, "mode">): number {
  return modeOf(replaced) & 0o700;
}

/**
 * Gives a file the group and the permissions of the one that it will replace, so that nobody else can read it. Where the
 * group cannot be changed, the file's own group gets the permissions of others.
 *
 * @param own The current permissions of the file.
 * @param wanted The permissions of the file that it will replace.
 */
export async function keepPermissions(own: Permissions, wanted: Permissions, file: PermissionChanges): Promise<void> {
  if (isWindows()) return;
  let mode = modeOf(wanted);
  if (Number(own.gid) !== Number(wanted.gid)) {
    try {
      await file.chgrp(Number(wanted.gid));
    } catch {
      mode &= ~0o070 | (mode & 0o007) << 3;
    }
  }
  if (mode !== modeOf(own)) await file.chmod(mode);
}
