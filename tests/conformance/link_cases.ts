import { assert, assertEquals } from "@std/assert";
import { SuspiciousNameError } from "../../mod.ts";
import { collect, type FollowLinks } from "../../src/static/mod.ts";
import { LocalStorage } from "../../src/storage/mod.ts";
import { collect as all, rejection, type StorageCase } from "./case.ts";

interface Files {
  mkdtempSync(prefix: string): string;
  mkdirSync(path: string, options: { recursive: true }): void;
  writeFileSync(path: string, text: string): void;
  symlinkSync(target: string, path: string): void;
  renameSync(from: string, to: string): void;
  rmSync(path: string, options: { recursive: true }): void;
}

/** The file system of the runtime, if it has one on disk. */
function files(): Files | undefined {
  if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return undefined;
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.("node:fs") as Files | undefined;
}

/** A folder `site` with all kinds of links, and others beside it that they lead to. */
export function makeLinks(fs: Files, around: string): void {
  for (const folder of ["outside/dir", "site/docs", "site/one", "site/two", "site-beside"]) {
    fs.mkdirSync(`${around}/${folder}`, { recursive: true });
  }
  for (const name of ["outside/secret.txt", "outside/dir/deep.txt", "site-beside/x.txt"]) {
    fs.writeFileSync(`${around}/${name}`, "secret");
  }
  for (const name of ["a.txt", "docs/b.txt", "one/f1", "two/f2"]) fs.writeFileSync(`${around}/site/${name}`, name);
  const links = {
    "in-file": "a.txt",
    "in-dir": "docs",
    "in-absolute": `${around}/site/docs/b.txt`,
    "chain": "in-file",
    "out-file": "../outside/secret.txt",
    "out-dir": "../outside/dir",
    "chain-out": "out-file",
    "textually-in": "out-dir/deep.txt",
    "beside": "../site-beside/x.txt",
    "above": "..",
    "dangling": "gone",
    "self": "self",
    "circle": ".",
    "docs/up": "..",
    "one/two": "../two",
    "two/one": "../one",
  };
  for (const [name, target] of Object.entries(links)) fs.symlinkSync(target, `${around}/site/${name}`);
  fs.symlinkSync("site", `${around}/linked-site`);
}

const PLAIN = ["a.txt", "docs/b.txt", "one/f1", "two/f2"];
const IN = ["chain", "in-absolute", "in-dir/b.txt", "in-file", "one/two/f2", "two/one/f1"];
const OUT = ["beside", "chain-out", "out-dir/deep.txt", "out-file", "textually-in"];
const DANGLING = ["dangling", "self"];

/** The files that each rule finds, and the links that it skips. */
export const FOUND: Readonly<Record<FollowLinks, { readonly names: string[]; readonly leftOut: string[] }>> = {
  never: {
    names: PLAIN,
    leftOut: ["above", "circle", "docs/up", "in-dir", "one/two", "two/one"]
      .concat(
        ["chain", "in-absolute", "in-file", "beside", "chain-out", "out-dir", "out-file", "textually-in"],
        DANGLING,
      )
      .sort(),
  },
  inside: {
    names: [...PLAIN, ...IN].sort(),
    leftOut: ["above", "beside", "chain-out", "dangling", "out-dir", "out-file", "self", "textually-in"],
  },
  anywhere: { names: [...PLAIN, ...IN, ...OUT].sort(), leftOut: DANGLING },
};

async function withLinks(run: (fs: Files, around: string) => Promise<void>): Promise<void> {
  const fs = files();
  if (fs === undefined) return;
  const around = fs.mkdtempSync("/tmp/storages-links-");
  try {
    makeLinks(fs, around);
    await run(fs, around);
  } finally {
    fs.rmSync(around, { recursive: true });
  }
}

/** How links are treated by readers of folders, on any runtime with a file system. */
export const linkCases: StorageCase[] = [
  {
    name: "collect follows links within a folder, and skips those that lead out of it",
    run: (open) =>
      withLinks(async (_, around) => {
        for (const rule of ["inside", "never", "anywhere", undefined] as const) {
          for (const from of [`${around}/site`, `${around}/linked-site/`]) {
            const to = open();
            // Above the folder it would be found again.
            const { omitted } = await collect(to, {
              from,
              followLinks: rule,
              ignore: rule === "anywhere" ? ["above"] : [],
            });
            const found = await all(to.list("", { recursive: true }));
            const expected = FOUND[rule ?? "inside"];
            assertEquals(found.map(({ name }) => name), expected.names, `${rule}`);
            assertEquals([...omitted].sort(), expected.leftOut, `${rule}`);
            assertEquals(await (await to.open("a.txt")).text(), "a.txt");
            await to.deleteMany(expected.names);
          }
        }
      }),
  },
  {
    name: "LocalStorage follows the configured links when reading, none when writing, and reports skipped ones",
    run: () =>
      withLinks(async (_, around) => {
        for (const rule of ["never", "inside"] as const) {
          const storage = new LocalStorage(`${around}/linked-site`, { followLinks: rule });
          const leftOut: string[] = [];
          const onOmitted = (name: string): void => void leftOut.push(name);
          const found = await all(storage.list("", { recursive: true, onOmitted }));
          assertEquals([found.map(({ name }) => name), leftOut.sort()], [FOUND[rule].names, FOUND[rule].leftOut]);
          for (const { name, size } of found) assertEquals((await (await storage.open(name)).text()).length, size);
          const refused = [...OUT, ...(rule === "never" ? IN : [])];
          for (const name of refused) {
            assert(await rejection(storage.open(name)) instanceof SuspiciousNameError, name);
            assert(await rejection(storage.copy(name, "copy")) instanceof SuspiciousNameError, name);
          }
          for (const name of [...OUT, ...IN]) {
            for (const call of [() => storage.save(name, "x"), () => storage.delete(name)]) {
              assert(await rejection(call()) instanceof SuspiciousNameError, name);
            }
          }
        }
        const anywhere = new LocalStorage(`${around}/site`, { followLinks: "anywhere" });
        for (const name of OUT) assertEquals(await (await anywhere.open(name)).text(), "secret");
      }),
  },
];
