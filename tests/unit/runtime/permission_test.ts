import { assertEquals } from "@std/assert";
import { isPermitted, type Permission } from "../../../src/runtime/permission.ts";

const PERMISSIONS: readonly Permission[] = [
  { name: "env", variable: "HOME" },
  { name: "read", path: "/etc" },
  { name: "run", command: "sh" },
];

/** Runs with another `Deno.permissions`. */
function withPermissions<T>(permissions: unknown, run: () => T): T {
  const before = Object.getOwnPropertyDescriptor(Deno, "permissions")!;
  Object.defineProperty(Deno, "permissions", { value: permissions, configurable: true });
  try {
    return run();
  } finally {
    Object.defineProperty(Deno, "permissions", before);
  }
}

Deno.test("isPermitted() is true only for granted permissions, and never prompts", () => {
  for (const [state, expected] of [["granted", true], ["prompt", false], ["denied", false]] as const) {
    const asked: unknown[] = [];
    const querySync = (permission: unknown): { state: string } => {
      asked.push(permission);
      return { state };
    };
    for (const permission of PERMISSIONS) {
      assertEquals(withPermissions({ querySync }, () => isPermitted(permission)), expected, state);
    }
    assertEquals(asked, [...PERMISSIONS]);
  }
});

Deno.test("isPermitted() is true on runtimes without permissions", () => {
  for (const permission of PERMISSIONS) assertEquals(withPermissions(undefined, () => isPermitted(permission)), true);
});
