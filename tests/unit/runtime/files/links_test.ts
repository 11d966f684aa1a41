import { assertEquals, assertThrows } from "@std/assert";
import { checkFollowLinks, isInside, isMissingPath, pathIn } from "../../../../src/runtime/files/links.ts";

const ignore = Deno.build.os === "windows";

Deno.test("checkFollowLinks() accepts the three values and undefined", () => {
  for (const value of ["never", "inside", "anywhere", undefined]) checkFollowLinks(value);
  assertThrows(
    () => checkFollowLinks("always"),
    TypeError,
    'followLinks must be "never", "inside" or "anywhere", got "always"',
  );
});

Deno.test({
  name: "isInside() is true for the folder and paths below it",
  ignore,
  fn: () => {
    for (const [folder, path] of [["/a", "/a"], ["/a", "/a/b"], ["/", "/a"], ["/", "/"]] as const) {
      assertEquals(isInside(folder, path), true, path);
    }
    for (const path of ["/ab", "/", "/b/a"]) assertEquals(isInside("/a", path), false, path);
  },
});

Deno.test({
  name: "pathIn() adds one separator",
  ignore,
  fn: () => assertEquals([pathIn("/a", "b"), pathIn("/", "b"), pathIn("/a", "")], ["/a/b", "/b", "/a/"]),
});

Deno.test("isMissingPath() recognizes the codes of missing paths", () => {
  for (const code of ["ENOENT", "ENOTDIR", "ELOOP"]) assertEquals(isMissingPath({ code }), true, code);
  for (const error of [{ code: "EACCES" }, {}, null, undefined]) assertEquals(isMissingPath(error), false);
});
