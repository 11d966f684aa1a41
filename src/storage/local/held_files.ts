import { repeatInBackground } from "../../runtime/background_timer.ts";
import type { Disk } from "../../runtime/files/disk.ts";

/**
 * How often the times of files that are being written are refreshed, in seconds: once an hour. So no file of a living writer
 * is as old as a day, even if its source stalls for that long.
 */
export const REFRESH_SECONDS = 3600;

/** A file that is refreshed. */
interface Refreshed {
  readonly disk: Disk;
  readonly path: string;
}

/** The files of this process, by name: a name is unique, but a folder may have several paths. */
const held = new Map<string, Refreshed | undefined>();
let endRefreshing: (() => void) | undefined;
let refreshing: Promise<unknown> | undefined;

/** Protects a file against `deleteIncomplete` of this process until it is freed. Call it before the file is created. */
export function hold(path: string): void {
  held.set(nameOf(path), undefined);
}

/** Protects a file that is held against other processes, too. */
export function keepFresh(disk: Disk, path: string): void {
  held.set(nameOf(path), { disk, path });
  endRefreshing ??= repeatInBackground(REFRESH_SECONDS, () => {
    refreshing = refreshAll().finally(() => refreshing = undefined);
  });
}

/** Ends the refreshing of a file that is complete: its time is part of its identity. It is still held. */
export async function settle(path: string): Promise<void> {
  hold(path);
  await refreshing;
}

/** Ends the protection of a file, which got its name or was deleted. */
export function free(path: string): void {
  held.delete(nameOf(path));
  if (held.size > 0) return;
  endRefreshing?.();
  endRefreshing = undefined;
}

/** Whether a writer of this process holds a file. */
export function isHeld(path: string): boolean {
  return held.has(nameOf(path));
}

async function refreshAll(): Promise<void> {
  const now = new Date();
  await Promise.allSettled([...held.values()].map(async (file) => await file?.disk.utimes(file.path, now, now)));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
