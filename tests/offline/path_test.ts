/**
 * What this project relies on in `@std/path`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file. The rules of Windows are tested on the stand-in alone.
 */
import * as system from "@std/path";
import * as posix from "@std/path/posix";
import { same } from "./same.ts";
import * as windows from "./std/path/windows.ts";

type Dialect = Pick<
  typeof system,
  "basename" | "dirname" | "extname" | "fromFileUrl" | "isAbsolute" | "join" | "normalize" | "relative" | "resolve"
>;

/** A function, its arguments and its result. */
type Vector = readonly [name: keyof Dialect, args: readonly string[], result: string | boolean];

const POSIX: readonly Vector[] = [
  ["basename", ["/a/b.txt"], "b.txt"],
  ["basename", ["/a/b.txt//", ".txt"], "b"],
  ["basename", [".txt", ".txt"], ".txt"],
  ["basename", ["//"], "/"],
  ["basename", ["a\\b"], "a\\b"],
  ["dirname", ["/a/b/"], "/a"],
  ["dirname", ["a//b"], "a"],
  ["dirname", ["/a"], "/"],
  ["dirname", ["a"], "."],
  ["dirname", [""], "."],
  ["extname", ["a/b.tar.gz"], ".gz"],
  ["extname", ["a.b/c"], ""],
  ["extname", [".profile"], ""],
  ["extname", ["a."], "."],
  ["extname", [".."], ""],
  ["fromFileUrl", ["file:///a%20b/%25%zz"], "/a b/%%zz"],
  ["isAbsolute", ["/a"], true],
  ["isAbsolute", ["C:\\a"], false],
  ["isAbsolute", [""], false],
  ["join", ["a", "", "../b", "./c/"], "b/c/"],
  ["join", ["", ""], "."],
  ["join", ["/", "..", "a"], "/a"],
  ["normalize", ["a/../../b//c"], "../b/c"],
  ["normalize", ["./"], "./"],
  ["normalize", ["/.."], "/"],
  ["relative", ["/a/b/c", "/a/d"], "../../d"],
  ["relative", ["/a", "/a/b"], "b"],
  ["relative", ["/a", "/a"], ""],
  ["resolve", ["/a", "b", "../c"], "/a/c"],
  ["resolve", ["/a", "/b/.."], "/"],
];

const WINDOWS: readonly Vector[] = [
  ["basename", ["C:\\a/b.txt", ".txt"], "b"],
  ["basename", ["C:"], ""],
  ["dirname", ["C:\\a\\b"], "C:\\a"],
  ["dirname", ["C:\\a"], "C:\\"],
  ["dirname", ["\\\\host\\share"], "\\\\host\\share"],
  ["dirname", ["\\\\host\\share\\a"], "\\\\host\\share\\"],
  ["extname", ["C:.a"], ""],
  ["extname", ["C:\\a.b\\c.d"], ".d"],
  ["fromFileUrl", ["file:///C:/a%20b"], "C:\\a b"],
  ["fromFileUrl", ["file://host/share/a"], "\\\\host\\share\\a"],
  ["isAbsolute", ["C:/a"], true],
  ["isAbsolute", ["C:a"], false],
  ["isAbsolute", ["\\a"], true],
  ["join", ["C:\\a", "../b", "c/"], "C:\\b\\c\\"],
  ["join", ["/", "/a"], "\\a"],
  ["join", ["//host", "share"], "\\\\host\\share\\"],
  ["normalize", ["C:a/../.."], "C:.."],
  ["normalize", ["C:/a/./b"], "C:\\a\\b"],
  ["relative", ["C:\\a\\b", "c:\\A\\d"], "..\\d"],
  ["relative", ["C:\\a", "D:\\a"], "D:\\a"],
  ["resolve", ["C:\\a", "D:\\b", "C:c"], "C:\\a\\c"],
  ["resolve", ["C:\\a", "..\\..\\b"], "C:\\b"],
];

function check(dialect: Dialect, vectors: readonly Vector[]): void {
  for (const [name, args, result] of vectors) {
    const call = dialect[name] as (...args: readonly string[]) => unknown;
    same(call(...args), result, `${name}(${JSON.stringify(args)})`);
  }
}

function messageOf(call: () => unknown): string | undefined {
  try {
    call();
  } catch (error) {
    return error instanceof TypeError ? error.message : undefined;
  }
  return undefined;
}

Deno.test("@std/path/posix handles paths by the rules of POSIX", () => {
  check(posix, POSIX);
  same(posix.SEPARATOR, "/", "SEPARATOR");
  same(posix.join(new URL("file:///a%20b/"), "c"), "/a b/c", "join of a URL");
});

Deno.test("@std/path handles paths by the rules of the system", () => {
  const isWindows = Deno.build.os === "windows";
  check(system, isWindows ? WINDOWS : POSIX);
  same(system.SEPARATOR, isWindows ? "\\" : "/", "SEPARATOR");
  same(system.resolve("a"), system.join(Deno.cwd(), "a"), "resolve of a relative path");
});

Deno.test("the stand-in for @std/path handles paths by the rules of Windows", () => {
  check(windows, WINDOWS);
  same(windows.SEPARATOR, "\\", "SEPARATOR");
});

Deno.test("@std/path converts between paths and file URLs", () => {
  same(posix.toFileUrl("//a b/%41\\\n?#").href, "file:///a%20b/%2541%5C%0A%3F%23", "toFileUrl of POSIX");
  same(posix.fromFileUrl(posix.toFileUrl("/a b/%41\\\n?#")), "/a b/%41\\\n?#", "there and back");
  same(windows.toFileUrl("C:\\a b").href, "file:///C:/a%20b", "toFileUrl of a drive");
  same(windows.toFileUrl("\\\\host\\share\\a").href, "file://host/share/a", "toFileUrl of a share");
  same(system.fromFileUrl(system.toFileUrl(Deno.cwd())), Deno.cwd(), "the working directory and back");
});

Deno.test("@std/path refuses relative paths, other URLs and what is not a string", () => {
  same(messageOf(() => posix.toFileUrl("a")), 'Path must be absolute: received "a"', "toFileUrl");
  same(messageOf(() => posix.fromFileUrl("https://a/")), 'URL must be a file URL: received "https:"', "fromFileUrl");
  same(messageOf(() => posix.join("a", 1 as never)), 'Path must be a string, received "1"', "join");
  same(
    messageOf(() => posix.isAbsolute(undefined as never)),
    'Path must be a string, received "undefined"',
    "isAbsolute",
  );
});
