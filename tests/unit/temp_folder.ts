import { assertEquals } from "@std/assert";

/** How many files and sockets the process has open. The runtime's own check of resources misses those of node:fs. */
function openDescriptors(): number {
  return [...Deno.readDirSync("/dev/fd")].length;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
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
    for (let waits = 0; openDescriptors() > descriptors && waits < 100; waits++) await sleep(50);
    assertEquals([names(), openDescriptors()], [[], descriptors]);
  } finally {
    if (before === undefined) Deno.env.delete("FILE_UPLOAD_TEMP_DIR");
    else Deno.env.set("FILE_UPLOAD_TEMP_DIR", before);
    await Deno.remove(folder, { recursive: true });
  }
}
