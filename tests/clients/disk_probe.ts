// deno-lint-ignore-file no-console -- it prints its result
/** Uses a failing disk, in a process of its own, and prints the error. Its arguments: what to do, a folder, and the user to become. */
import { fileWriter } from "../../src/runtime/files/save_file.ts";
import { TempFile } from "../../src/runtime/files/temp_file.ts";
import { LocalStorage } from "../../src/storage/mod.ts";

/** The error that a disk caused. */
export interface DiskFailureReport {
  readonly name: string;
  readonly message: string;
  /** The code of the system in the cause. */
  readonly code: string | undefined;
}

const MEBIBYTES = new Uint8Array(4 * 1024 ** 2);

const globals = globalThis as {
  readonly process?: { readonly argv: readonly string[]; setuid?(id: number): void; setgid?(id: number): void };
};

const ACTIONS: Readonly<Record<string, (folder: string) => Promise<unknown>>> = {
  save: (folder) => new LocalStorage(folder).save("a.bin", MEBIBYTES),
  read: async (folder) => await (await new LocalStorage(folder).open("a.txt", "rb")).bytes(),
  delete: (folder) => new LocalStorage(folder).delete("a.txt"),
  list: (folder) => new LocalStorage(folder).list("")[Symbol.asyncIterator]().next(),
  download: (folder) => fileWriter(`${folder}/film.mp4`)(new Blob([MEBIBYTES]).stream()),
  spool: async () => {
    const file = await TempFile.create();
    await file.append(MEBIBYTES).finally(() => file.close());
  },
  // Holds descriptors until none is left.
  "open many": async (folder) => {
    const storage = new LocalStorage(folder);
    const held = [];
    for (;;) held.push(await storage.open("a.txt", "rb"));
  },
  "spool many": async () => {
    const held = [];
    for (;;) held.push(await TempFile.create());
  },
};

const [action = "", folder = "", uid = ""] = globals.process!.argv.slice(2);
try {
  if (uid !== "") {
    globals.process!.setgid!(Number(uid));
    globals.process!.setuid!(Number(uid));
  }
  await ACTIONS[action]!(folder);
  console.log(JSON.stringify({ name: "none", message: "", code: undefined }));
} catch (error) {
  const { name, message, cause } = error as Error;
  console.log(JSON.stringify({ name, message, code: (cause as { code?: string } | undefined)?.code }));
}
