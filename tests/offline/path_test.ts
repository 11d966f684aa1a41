/**
 * What this project relies on in `@std/path`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file.
 */
import { basename } from "@std/path/posix/basename";
import { dirname } from "@std/path/posix/dirname";
import { extname } from "@std/path/posix/extname";
import { join } from "@std/path/posix/join";
import { normalize } from "@std/path/posix/normalize";
import { same } from "./same.ts";

/** path: normalize, extname, basename, dirname */
const PATHS: Readonly<Record<string, readonly [string, string, string, string]>> = {
  "": [".", "", "", "."],
  ".": [".", "", ".", "."],
  "..": ["..", "", "..", "."],
  "/": ["/", "", "/", "/"],
  "//": ["/", "", "/", "/"],
  "//a": ["/a", "", "a", "/"],
  "///a//b///": ["/a/b/", "", "b", "///a"],
  "a": ["a", "", "a", "."],
  "a/": ["a/", "", "a", "."],
  "./a": ["a", "", "a", "."],
  "a/..": [".", "", "..", "a"],
  "a/../..": ["..", "", "..", "a/.."],
  "a/../../b": ["../b", "", "b", "a/../.."],
  "/../a": ["/a", "", "a", "/.."],
  "a/./b//c/../d.txt": ["a/b/d.txt", ".txt", "d.txt", "a/./b//c/.."],
  "a.tar.gz": ["a.tar.gz", ".gz", "a.tar.gz", "."],
  ".bashrc": [".bashrc", "", ".bashrc", "."],
  "a.": ["a.", ".", "a.", "."],
  "a.b/c": ["a.b/c", "", "c", "a.b"],
  "a.txt/": ["a.txt/", ".txt", "a.txt", "."],
  "...": ["...", ".", "...", "."],
  "a\\..\\b": ["a\\..\\b", ".\\b", "a\\..\\b", "."],
  "%2e%2e/é ü.png": ["%2e%2e/é ü.png", ".png", "é ü.png", "%2e%2e"],
};

for (const [path, [normalized, extension, base, directory]] of Object.entries(PATHS)) {
  Deno.test(`@std/path/posix reads ${JSON.stringify(path)}`, () => {
    same(normalize(path), normalized, "normalize");
    same(extname(path), extension, "extname");
    same(basename(path), base, "basename");
    same(dirname(path), directory, "dirname");
  });
}

Deno.test("@std/path/posix joins", () => {
  same(join(), ".", "nothing");
  same(join(""), ".", "the empty path");
  same(join("a", "", "b"), "a/b", "an empty segment");
  same(join("a", "/b"), "a/b", "an absolute segment");
  same(join("a", "../..", "b"), "../b", "a climb");
  same(join("/", "a/"), "/a/", "a slash at the end");
  same(join("", "/a"), "/a", "an empty first segment");
});

Deno.test("@std/path/posix takes a suffix off a name, and file URLs", () => {
  same(basename("a/b.txt", ".txt"), "b", "suffix");
  same(basename("a/.txt", ".txt"), ".txt", "the whole name");
  same(basename("a/b.txt", ".md"), "b.txt", "another suffix");
  same(basename(new URL("file:///a/b%20c.txt")), "b c.txt", "file URL");
});
