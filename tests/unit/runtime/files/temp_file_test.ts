import { assert, assertEquals, assertRejects } from "@std/assert";
import { DiskError } from "../../../../src/errors.ts";
import { TempFile } from "../../../../src/runtime/files/temp_file.ts";
import { checkTempFiles, hasTempFiles } from "../../../../src/runtime/files/temp_folder.ts";
import { withImportMap } from "../../../offline/import_map.ts";
import { patternBytes } from "../../random.ts";
import { inTempFolder } from "../../temp_folder.ts";

Deno.test("TempFile returns the bytes that were appended, has no name, and can be sent several times", async () => {
  await inTempFolder(async (names) => {
    const bytes = patternBytes(700_000);
    const file = await TempFile.create();
    try {
      await file.append(bytes.subarray(0, 300_000));
      await file.append(new Uint8Array(0));
      await file.append(bytes.subarray(300_000));
      assertEquals([file.size, names()], [700_000, []]);
      assertEquals(await file.read(299_999, 300_002), bytes.slice(299_999, 300_002));
      assertEquals([(await file.read(699_990, 800_000)).byteLength, (await file.read(700_000, 700_001)).byteLength], [
        10,
        0,
      ]);
      const blob = file.blob();
      assert(blob instanceof Blob);
      for (let time = 0; time < 2; time++) {
        const request = new Request("http://localhost", { method: "PUT", body: blob });
        assertEquals(blob.size, 700_000);
        assertEquals(new Uint8Array(await request.arrayBuffer()), bytes);
      }
    } finally {
      await file.close();
    }
  });
});

Deno.test("TempFile.blob() is sent with its length", async () => {
  const file = await TempFile.create();
  const seen: unknown[] = [];
  const server = Deno.serve({ port: 0, onListen: () => {} }, async (request) => {
    const { byteLength } = await request.arrayBuffer();
    seen.push([request.headers.get("content-length"), request.headers.get("content-type"), byteLength]);
    return new Response();
  });
  try {
    await file.append(patternBytes(600_000));
    for (let time = 0; time < 2; time++) {
      const url = `http://localhost:${server.addr.port}/`;
      await (await fetch(url, { method: "PUT", body: file.blob() })).body?.cancel();
    }
    assertEquals(seen, Array(2).fill(["600000", null, 600_000]));
  } finally {
    await file.close();
    await server.shutdown();
  }
});

Deno.test("TempFile.create() names a missing folder in the error", async () => {
  const before = Deno.env.get("FILE_UPLOAD_TEMP_DIR");
  Deno.env.set("FILE_UPLOAD_TEMP_DIR", "/no/such/folder");
  try {
    await assertRejects(
      () => TempFile.create(),
      DiskError,
      "Cannot create a temporary file in '/no/such/folder': ENOENT: no such file or directory",
    );
  } finally {
    if (before === undefined) Deno.env.delete("FILE_UPLOAD_TEMP_DIR");
    else Deno.env.set("FILE_UPLOAD_TEMP_DIR", before);
  }
});

/** Runs a module with these permissions; returns what it prints. */
async function runWith(permissions: string[], code: string): Promise<string> {
  const specifier = `data:application/typescript,${encodeURIComponent(code)}`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: await withImportMap(["run", "--no-prompt", "--allow-import", ...permissions, specifier]),
    env: { NO_COLOR: "1", FILE_UPLOAD_TEMP_DIR: "", TMPDIR: "", TMP: "", TEMP: "" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const STORAGE = JSON.stringify(new URL("../../../../mod.ts", import.meta.url).href);
const SPILL = `import { S3Storage } from ${STORAGE};
try {
  new S3Storage({ bucketName: "media", accessKey: "a", secretKey: "b", maxMemorySize: 1 });
  console.log("made");
} catch (error) {
  console.log(error.name, error.message);
}`;

Deno.test("checkTempFiles() refuses a storage immediately where temporary files are not permitted", async () => {
  const refused = await runWith(["--allow-read"], SPILL);
  assert(refused.startsWith("ConfigurationError Cannot create temporary files in"), refused);
  assert(refused.includes("--allow-write=/tmp"), refused);
  const made = await runWith(["--allow-read", "--allow-write=/tmp"], SPILL);
  assert(made.endsWith("made\n"), made);
});

Deno.test("TempFile needs permissions for its folder only, and vanishes with a killed process", async () => {
  const module = JSON.stringify(new URL("../../../../src/runtime/files/temp_file.ts", import.meta.url).href);
  await inTempFolder(async (names, folder) => {
    const code = `import { TempFile } from ${module};
const file = await TempFile.create();
await file.append(new Uint8Array(1000));
console.log((await file.read(0, 1000)).byteLength);
Deno.kill(Deno.pid, "SIGKILL");`;
    const { stdout, signal } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--allow-env=FILE_UPLOAD_TEMP_DIR",
        "--allow-run",
        `--allow-read=${folder}`,
        `--allow-write=${folder}`,
        `data:application/typescript,${encodeURIComponent(code)}`,
      ],
      env: { FILE_UPLOAD_TEMP_DIR: folder },
    }).output();
    assertEquals([new TextDecoder().decode(stdout), signal, names()], ["1000\n", "SIGKILL", []]);
  });
});

Deno.test("checkTempFiles() accepts a storage where temporary files are permitted", () => {
  assert(hasTempFiles());
  checkTempFiles("maxMemorySize");
});
