/** Divides groups of tests into parts, which run at the same time as parts of the same group and of others. */
import { ROOT } from "../offline/import_map.ts";
import type { TestGroup } from "./test_group.ts";
import type { Tally } from "./tally.ts";

/** The names of files that `deno test` takes for tests. */
const TEST_FILE = /(?:^|[._])test\.(?:[jt]sx?|m[jt]s)$/;

/** The parts of a group: one for each file or folder with tests in its folders, or the whole group. */
export async function partsOf(group: TestGroup): Promise<TestGroup[]> {
  if (group.divided !== true) return [group];
  const { name, args } = group;
  const options = args.filter((arg) => arg.startsWith("--"));
  const parts: TestGroup[] = [];
  for (const folder of args.filter((arg) => !arg.startsWith("--"))) {
    const entries = await Array.fromAsync(Deno.readDir(new URL(folder, ROOT)));
    for (const entry of entries.sort((one, other) => one.name < other.name ? -1 : 1)) {
      const path = `${folder}/${entry.name}`;
      const hasTests = entry.isDirectory ? (await testFilesIn(path)).length > 0 : TEST_FILE.test(entry.name);
      if (hasTests) parts.push({ name, args: [...options, path], isPart: true });
    }
  }
  return parts;
}

/** The paths of all files of tests in a folder. */
export async function testFilesIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await testFilesIn(path));
    else if (TEST_FILE.test(name)) found.push(path);
  }
  return found;
}

/** The tally of a group: the sums of its parts. A group of which all tests are skipped fails. */
export function joined(name: string, parts: readonly Tally[]): Tally {
  const sum = (key: "passed" | "failed" | "skipped"): number => parts.reduce((sum, part) => sum + part[key], 0);
  const notes = parts.flatMap((part) => part.notes);
  const [passed, failed, skipped] = [sum("passed"), sum("failed"), sum("skipped")];
  if (passed + failed > 0) return { name, passed, failed, skipped, notes };
  return { name, passed, failed: 1, skipped, notes: [...notes, "no tests found"] };
}
