interface ProcessLike {
  readonly platform?: string;
}

/** Whether paths, names and command lines are as on Windows. */
export function isWindows(): boolean {
  return (globalThis as { process?: ProcessLike }).process?.platform === "win32";
}
