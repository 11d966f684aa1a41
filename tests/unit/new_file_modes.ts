import * as fs from "node:fs/promises";

/** The permissions of all files that a function creates, at the moment of their creation, in order. */
export async function modesOfNewFiles(run: () => Promise<void>): Promise<number[]> {
  const { process } = globalThis as unknown as { process: { getBuiltinModule(name: string): unknown } };
  const before = process.getBuiltinModule;
  const modes: number[] = [];
  const record = async (path: string | URL): Promise<void> => void modes.push((await fs.lstat(path)).mode & 0o777);
  const recording = {
    ...fs,
    open: async (path: string, flags: string, mode?: number): Promise<fs.FileHandle> => {
      const handle = await fs.open(path, flags, mode);
      if (flags.includes("x")) await record(path);
      return handle;
    },
    writeFile: async (path: string, text: string, options: { flag?: string; mode?: number }): Promise<void> => {
      await fs.writeFile(path, text, options);
      if (options.flag?.includes("x")) await record(path);
    },
    copyFile: async (from: string, to: string): Promise<void> => {
      await fs.copyFile(from, to);
      await record(to);
    },
  };
  process.getBuiltinModule = (name) => name === "node:fs/promises" ? recording : before.call(process, name);
  try {
    await run();
  } finally {
    process.getBuiltinModule = before;
  }
  return modes;
}
