import { assert, assertEquals } from "@std/assert";
import { until } from "./held_time.ts";

/** The number of open files and sockets of the process. The runtime's own check of resources misses those of node:fs. */
function openDescriptors(): number {
  return [...Deno.readDirSync("/dev/fd")].length;
}

/**
 * Runs with a new folder for temporary files, which must be empty afterwards. No file may be open then.
 *
 * @param run Called with a function that lists the names in the folder, and with its path.
 */
export async function inTempFolder(run: (names: () => string[], folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  const names = (): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name);
  const descriptors = openDescriptors();
  const before = Deno.env.get("FILE_UPLOAD_TEMP_DIR");
  Deno.env.set("FILE_UPLOAD_TEMP_DIR", folder);
  try {
    await run(names, folder);
    // The runtime closes idle sockets some time after the server has closed them.
    await until(() => openDescriptors() <= descriptors, "the end of all files and sockets").catch(() => {});
    assertEquals(names(), []);
    // Fewer is no leak: what an earlier test had open may be closed meanwhile.
    const left = openDescriptors();
    assert(left <= descriptors, `${left} descriptors are open, and ${descriptors} were before`);
  } finally {
    if (before === undefined) Deno.env.delete("FILE_UPLOAD_TEMP_DIR");
    else Deno.env.set("FILE_UPLOAD_TEMP_DIR", before);
    await Deno.remove(folder, { recursive: true });
  }
}
