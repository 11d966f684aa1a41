import { assertEquals } from "@std/assert";
import { until } from "./held_time.ts";

/** How many files and sockets the process has open. The runtime's own check of resources misses those of node:fs. */
function openDescriptors(): number {
  return [...Deno.readDirSync("/dev/fd")].length;
}

/**
 * Runs with a folder of its own for temporary files, which must be empty afterwards, and none may be open any more.
 *
 * @param run Is given what tells the names in the folder, and its path.
 */
export async function inTempFolder(run: (names: () => string[], folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  const names = (): string[] => [...Deno.readDirSync(folder)].map(({ name }) => name);
  const descriptors = openDescriptors();
  const before = Deno.env.get("FILE_UPLOAD_TEMP_DIR");
  Deno.env.set("FILE_UPLOAD_TEMP_DIR", folder);
  try {
    await run(names, folder);
    // The runtime closes the sockets that it kept for later, once the server has closed them, in its own time.
    await until(() => openDescriptors() <= descriptors, "the end of all files and sockets").catch(() => {});
    assertEquals([names(), openDescriptors()], [[], descriptors]);
  } finally {
    if (before === undefined) Deno.env.delete("FILE_UPLOAD_TEMP_DIR");
    else Deno.env.set("FILE_UPLOAD_TEMP_DIR", before);
    await Deno.remove(folder, { recursive: true });
  }
}
