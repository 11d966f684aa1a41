import { isWindows } from "../detect.ts";

/** Whose a file is, and who may do what with it. */
export interface Permissions {
  readonly gid: number | bigint;
  readonly mode: number | bigint;
}

/** What changes that of a file. */
export interface PermissionChanges {
  /** Changes its group. */
  chgrp(gid: number): Promise<void>;
  chmod(mode: number): Promise<void>;
}

/** The permissions of a file, without those of the kind of setuid. */
export function modeOf({ mode }: Pick<Permissions, "mode">): number {
  return Number(mode) & 0o777;
}

/**
 * The most permissions that a file may be created with which is to replace another: those of its owner, as its group is not
 * known before.
 */
export function modeToReplace(replaced: Pick<Permissions, "mode">): number {
  return modeOf(replaced) & 0o700;
}

/**
 * Gives a file the group and the permissions of one that it is to replace: whoever could not read that cannot read this.
 * Where it cannot get the group, its own group may do no more than everybody.
 *
 * @param own As the file is.
 * @param wanted As it is to be.
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
