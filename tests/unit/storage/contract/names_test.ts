import { assert, assertEquals, assertMatch, assertNotEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError, SuspiciousNameError } from "../../../../src/errors.ts";
import {
  alternativeName,
  checkFileName,
  checkName,
  fitName,
  locationPrefix,
  randomSuffix,
  resolveKey,
  validName,
  validPath,
} from "../../../../src/storage/contract/names.ts";
import { SeededRandom } from "../../random.ts";

// The tables are those of django-storages; the names of tests mention differences.

for (
  const [name, expected] of [
    ["", ""],
    [".", ""],
    ["a", "a"],
    ["a/b", "a/b"],
    ["a//b", "a/b"],
    ["a/b//", "a/b/"],
    ["a\\b", "a/b"],
    ["a\\", "a/"],
    ["a\\\\b//\\c", "a/b/c"],
    [" a ", " a "],
    ["日本/é.txt", "日本/é.txt"],
    ["...", "..."],
    ["a/..b/.c", "a/..b/.c"],
    ["%2e%2e/a", "%2e%2e/a"],
    ["a:b*?.txt", "a:b*?.txt"],
    ["12:34:56", "12:34:56"],
  ]
) {
  Deno.test(`checkName() normalizes '${name}' to '${expected}'`, () => assertEquals(checkName(name!), expected!));
}

Deno.test("checkName() normalizes './' to '', unlike django-storages", () => {
  assertEquals([checkName("./"), checkName(".\\")], ["", ""]);
});

for (
  const name of ["a/./b", "a/../b", "../a", "a/..", "a/../", "a\\..\\b", "..\\a", "..", "./a", "a/.", "a/../../base/b"]
) {
  Deno.test(`checkName() refuses the dot segment in '${name}', which django-storages may resolve`, () => {
    assertStringIncludes(assertThrows(() => checkName(name), SuspiciousNameError).message, `'${name}' denied`);
  });
}

for (const name of ["/", "//a", "/a", "/etc/passwd", "\\a", "///", "/media/x"]) {
  Deno.test(`checkName() refuses the absolute name '${name}', which django-storages may treat as relative`, () => {
    assertThrows(() => checkName(name), SuspiciousNameError, "cannot begin with a slash");
  });
}

for (const name of [null, undefined, 5, new Uint8Array(1), {}, Symbol("a")]) {
  Deno.test(`checkName() and checkFileName() throw a TypeError for ${Deno.inspect(name)}`, () => {
    assertThrows(() => checkName(name as string), TypeError, "A name must be a string");
    assertThrows(() => checkFileName(name as string), TypeError, "A name must be a string");
  });
}

Deno.test("checkName() refuses lone surrogates, which UTF-8 cannot encode", () => {
  for (const name of ["\ud800", "a\udc00b", "\ude00\ud83d"]) {
    assertThrows(() => checkName(name), SuspiciousNameError, "lone surrogates");
  }
  assertEquals(checkName("\ud83d\ude00"), "😀");
});

Deno.test("checkName() is idempotent, and its result has no dot, empty or absolute segment", () => {
  const random = new SeededRandom(11);
  for (let i = 0; i < 5000; i++) {
    const name = random.text(["a", ".", "..", "/", "\\", "b", "é", " "], 0, 10);
    let clean: string;
    try {
      clean = checkName(name);
    } catch (error) {
      assert(error instanceof SuspiciousNameError);
      continue;
    }
    assertEquals(checkName(clean), clean);
    assert(clean.replace(/\/$/, "").split("/").every((part) => !["", ".", ".."].includes(part)) || clean === "", name);
  }
});

for (
  const [location, expected] of [["", ""], ["media", "media/"], ["media/", "media/"], ["a//b\\c", "a/b/c/"]]
) {
  Deno.test(`locationPrefix() normalizes '${location}' to '${expected}'`, () =>
    assertEquals(locationPrefix(location!), expected!));
}

Deno.test("resolveKey() joins location and name, and no name leaves the location", () => {
  assertEquals(resolveKey("base/", "a//b"), "base/a/b");
  assertEquals(resolveKey("base/", ""), "base/");
  assertEquals(resolveKey("", "a"), "a");
  for (const location of ["", "base/"]) {
    for (const name of ["..", "../base2", "/etc", "a/../../x", "..\\x", "/base/x", "../base/x"]) {
      assertThrows(() => resolveKey(location, name), SuspiciousNameError);
    }
  }
});

Deno.test("resolveKey() accepts up to 1024 bytes of UTF-8 with the location", () => {
  assertEquals(resolveKey("base/", "é".repeat(509) + "a").length, 515);
  const error = assertThrows(() => resolveKey("base/", "é".repeat(510)), SuspiciousNameError);
  assertStringIncludes(error.message, "got 1025");
});

for (const name of ["", "d/", "a/", ".", "..", "a/.", "a/..", "a\\", "a\\..", "/"]) {
  Deno.test(`checkFileName() refuses '${name}', which is not a file name`, () => {
    assertThrows(() => checkFileName(name), SuspiciousNameError, `Could not derive file name from '${name}'`);
  });
}

for (
  const [name, expected] of [
    ["john's portrait in 2004.jpg", "johns_portrait_in_2004.jpg"],
    [" a b ", "a_b"],
    ["日本.txt", "日本.txt"],
    ["a😀b.txt", "ab.txt"],
    ["a/b\\c", "abc"],
    ["a-b_c.d", "a-b_c.d"],
    ["٣.txt", "٣.txt"],
    ["..a..", "..a.."],
    ["\u0000a\n.txt", "a.txt"],
  ]
) {
  Deno.test(`validName() turns ${JSON.stringify(name)} into '${expected}'`, () =>
    assertEquals(validName(name!), expected!));
}

Deno.test("validName() keeps combining marks, which Django drops", () => {
  assertEquals(validName("हिन्दी.txt"), "हिन्दी.txt");
  assertEquals(validName("e\u0301.txt"), "e\u0301.txt");
});

Deno.test("validName() keeps the extension of a name of emoji and signs, which Django makes the whole name", () => {
  assertEquals(validName("👨‍👩‍👧‍👦.png"), "file.png");
  assertEquals(validName("❤\ufe0f.tar.gz"), "file.tar.gz"); // its mark would be left alone
  assertEquals(validName("(?).JPG"), "file.JPG");
  assertEquals(validName(".png"), ".png");
});

for (const name of ["", " ", ".", "..", "😀", "/", " . "]) {
  Deno.test(`validName() refuses '${name}', of which nothing is left`, () => {
    assertThrows(() => validName(name), SuspiciousNameError, "Could not derive file name");
  });
}

for (
  const [path, expected] of [
    ["a//b c.txt", "a/b_c.txt"],
    ["a b/c d.txt", "a b/c_d.txt"],
    ["x y", "x_y"],
    ["a\\b c.txt", "a/b_c.txt"],
    ["/abs/x.txt", "/abs/x.txt"],
  ]
) {
  Deno.test(`validPath() turns '${path}' into '${expected}'`, () =>
    assertEquals(validPath(path!, validName), expected!));
}

for (const path of ["../x.txt", "a/../x.txt", "..\\x.txt", "a/..", "a/", ""]) {
  Deno.test(`validPath() refuses '${path}'`, () =>
    void assertThrows(() => validPath(path, validName), SuspiciousNameError));
}

for (
  const [name, maxLength, expected] of [
    ["a/bcd.txt", 8, "a/bc.txt"],
    ["a/bcd.txt", 9, "a/bcd.txt"],
    ["a/bcd.txt", 100, "a/bcd.txt"],
    ["a.tar.gz", 7, "a.ta.gz"],
    ["noext", 3, "noe"],
    [".hidden", 5, ".hidd"],
    ["a/.hidden", 7, "a/.hidd"],
    ["😀😀😀.txt", 6, "😀😀.txt"],
    ["a/bcd.txt", undefined, "a/bcd.txt"],
  ] as const
) {
  Deno.test(`fitName() shortens '${name}' to ${maxLength} characters as '${expected}'`, () =>
    assertEquals(fitName(name, maxLength), expected));
}

for (const maxLength of [0, -1, 6, NaN]) {
  Deno.test(`fitName() refuses to shorten 'a/bcd.txt' to ${maxLength} characters`, () => {
    assertThrows(() => fitName("a/bcd.txt", maxLength), SuspiciousNameError, "Cannot shorten 'a/bcd.txt'");
  });
}

const suffixed = (root: string, extension: string): string => `${root}_${randomSuffix()}${extension}`;

for (
  const [name, pattern] of [
    ["a/b.tar.gz", /^a\/b\.tar_[A-Za-z0-9]{7}\.gz$/],
    [".hidden", /^\.hidden_[A-Za-z0-9]{7}$/],
    ["a/noext", /^a\/noext_[A-Za-z0-9]{7}$/],
    ["a.b/noext", /^a\.b\/noext_[A-Za-z0-9]{7}$/],
    ["a.", /^a_[A-Za-z0-9]{7}\.$/],
  ] as const
) {
  Deno.test(`alternativeName() puts seven characters before the extension of '${name}'`, () => {
    assertMatch(alternativeName(name, undefined, suffixed), pattern);
    assertNotEquals(alternativeName(name, undefined, suffixed), alternativeName(name, undefined, suffixed));
  });
}

Deno.test("alternativeName() respects the length, and refuses if nothing of the root would be left", () => {
  assertMatch(alternativeName("abcdef.txt", 14, suffixed), /^ab_[A-Za-z0-9]{7}\.txt$/);
  assertThrows(() => alternativeName("abcdef.txt", 12, suffixed), SuspiciousNameError);
});

Deno.test("locationPrefix() refuses a leading slash with django-storages' message", () => {
  const { message } = assertThrows(() => locationPrefix("/x"), ConfigurationError);
  assertEquals(message, "location cannot begin with a leading slash. Found '/x'. Use 'x' instead.");
  assertThrows(() => locationPrefix("//a/b/"), ConfigurationError, "Use 'a/b/' instead.");
  assertThrows(() => locationPrefix("\\x"), ConfigurationError, "Use 'x' instead.");
});

for (const location of [".", "..", "./a", "a/..", "a/../b", "a\\..\\b", "a/./b", "a\ud800b"]) {
  Deno.test(`locationPrefix() refuses ${JSON.stringify(location)}`, () => {
    assertThrows(() => locationPrefix(location), ConfigurationError, 'without "." and ".." segments');
  });
}
