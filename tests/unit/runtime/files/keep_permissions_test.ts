import { assertEquals } from "@std/assert";
import { keepPermissions, modeOf, modeToReplace } from "../../../../src/runtime/files/keep_permissions.ts";

const ignore = Deno.build.os === "windows";

/** The calls that keepPermissions() makes, where the group can be changed or not. */
async function callsFor(
  own: { gid: number; mode: number },
  wanted: { gid: number; mode: number },
  mayChangeGroup = true,
): Promise<string[]> {
  const calls: string[] = [];
  await keepPermissions(own, wanted, {
    chgrp: (gid) => {
      calls.push(`chgrp ${gid}`);
      return mayChangeGroup ? Promise.resolve() : Promise.reject(new Error("EPERM"));
    },
    chmod: (mode) => Promise.resolve(void calls.push(`chmod ${mode.toString(8)}`)),
  });
  return calls;
}

Deno.test("modeOf() and modeToReplace() return permission bits only", () => {
  assertEquals([modeOf({ mode: 0o104755 }), modeOf({ mode: 0o100640n })], [0o755, 0o640]);
  assertEquals(modeToReplace({ mode: 0o104764 }), 0o700);
});

Deno.test({
  name: "keepPermissions() changes only what differs",
  ignore,
  fn: async () => {
    assertEquals(await callsFor({ gid: 1, mode: 0o100644 }, { gid: 1, mode: 0o100644 }), []);
    assertEquals(await callsFor({ gid: 1, mode: 0o600 }, { gid: 1, mode: 0o644 }), ["chmod 644"]);
    assertEquals(await callsFor({ gid: 1, mode: 0o600 }, { gid: 2, mode: 0o600 }), ["chgrp 2"]);
  },
});

Deno.test({
  name: "keepPermissions() gives the own group the permissions of others if the group cannot be changed",
  ignore,
  fn: async () => {
    const own = { gid: 1, mode: 0o600 };
    assertEquals(await callsFor(own, { gid: 2, mode: 0o640 }, false), ["chgrp 2"]);
    assertEquals(await callsFor(own, { gid: 2, mode: 0o664 }, false), ["chgrp 2", "chmod 644"]);
  },
});
