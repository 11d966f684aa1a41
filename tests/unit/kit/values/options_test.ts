import { assertThrows } from "@std/assert";
import { checkOptions } from "../../../../src/kit/values/options.ts";

const KNOWN = ["expiresIn", "method", "signal"];

Deno.test("checkOptions() accepts known options, further ones, and undefined values", () => {
  for (const options of [{}, { expiresIn: 60 }, { method: "GET", signal: undefined }, { misspelt: undefined }]) {
    checkOptions("sign a URL", options, KNOWN);
  }
  checkOptions("sign a URL", { versionId: "1" }, KNOWN, ["versionId"]);
});

Deno.test("checkOptions() refuses an unknown option, and suggests a known one", () => {
  const message = "Cannot sign a URL: unknown option 'expiresin'. Did you mean expiresIn?";
  assertThrows(() => checkOptions("sign a URL", { expiresin: 60 }, KNOWN), TypeError, message);
  assertThrows(
    () => checkOptions("sign a URL", { zebra: 60 }, KNOWN, ["versionId"]),
    TypeError,
    "unknown option 'zebra'",
  );
});

Deno.test("checkOptions() refuses what is not an object of options", () => {
  const rest = "Cannot sign a URL: options must be an object, got ";
  for (const options of [60, "text/plain", null, true, [], new Map(), new Uint8Array(2), new Set()]) {
    assertThrows(() => checkOptions("sign a URL", options, KNOWN), TypeError, rest);
  }
  assertThrows(() => checkOptions("sign a URL", AbortSignal.abort(), KNOWN), TypeError, "unknown option 'aborted'");
});

Deno.test("checkOptions() refuses a signal that is not an AbortSignal, and a callback that is not a function", () => {
  const known = ["signal", "onProgress", "onExisting"];
  const controller = new AbortController();
  checkOptions("read", { signal: controller.signal, onProgress: () => {}, onExisting: "rename" }, known);
  for (const signal of [controller, "abort", 5, null]) {
    const message = "Cannot read: signal must be an AbortSignal, such as controller.signal, got ";
    assertThrows(() => checkOptions("read", { signal }, known), TypeError, message);
  }
  const message = 'Cannot read: onProgress must be a function, got "log"';
  assertThrows(() => checkOptions("read", { onProgress: "log" }, known), TypeError, message);
});
