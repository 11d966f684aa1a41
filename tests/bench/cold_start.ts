// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Milliseconds of CPU time from the start of a process to the end of its first call: reading a small file through a storage,
 * beside the same process with a bare `fetch`. Takes runtimes.
 */
import { ROOT } from "../offline/import_map.ts";
import { S3Storage } from "../../mod.ts";
import { serve } from "../clients/served_server.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";

const ROUNDS = 15;

const PROGRAMS: Readonly<Record<string, string>> = {
  "bare fetch": `await (await fetch(ENDPOINT + "/media/a.txt")).text();
`,
  storage: `import { S3Storage } from "@storages/s3";
const storage = new S3Storage({ bucketName: "media", endpointUrl: ENDPOINT, accessKey: "testkey", secretKey: "testsecret" });
await storage.readText("a.txt");
`,
};

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  Deno: () => Promise.resolve([Deno.execPath(), "run", "-A", "--no-config"]),
  Bun: async () => [await bunPath(), "run"],
  Node: async () => [await nodePath()],
};

/** CPU time, as the time on the clock depends on what else the machine does. */
const REPORT = `import process from "node:process";
const { user, system } = process.cpuUsage();
console.log((user + system) / 1000);
`;

async function milliseconds([path, ...args]: readonly string[]): Promise<number> {
  const { success, stdout, stderr } = await new Deno.Command(path!, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return Number(new TextDecoder().decode(stdout));
}

await using s3 = serve();

await new S3Storage({ bucketName: "media", endpointUrl: s3.endpoint, accessKey: "testkey", secretKey: "testsecret" })
  .save("a.txt", "hello");

for (const [runtime, command] of Object.entries(RUNTIMES)) {
  if (Deno.args.length > 0 && !Deno.args.includes(runtime.toLowerCase())) continue;
  const times: Record<string, number[]> = {};
  const commands: Record<string, string[]> = {};
  for (const [name, code] of Object.entries(PROGRAMS)) {
    const slug = name.replace(" ", "_");
    await Deno.mkdir(new URL(".cache/bench/", ROOT), { recursive: true });
    const source = new URL(`.cache/bench/cold_${slug}.ts`, ROOT);
    await Deno.writeTextFile(source, code.replaceAll("ENDPOINT", JSON.stringify(s3.endpoint)) + REPORT);
    const script = await bundle(`.cache/bench/cold_${slug}.ts`, `tests/.build/cold_${slug}.js`);
    commands[name] = [...await command(), script];
    await milliseconds(commands[name]); // fills the caches of the disk
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of Object.keys(PROGRAMS)) (times[name] ??= []).push(await milliseconds(commands[name]!));
  }
  for (const [name, all] of Object.entries(times)) {
    const sorted = all.sort((a, b) => a - b);
    console.log(
      `${runtime.padEnd(5)} ${name.padEnd(10)} ${sorted[ROUNDS >> 1]!.toFixed(0)} ms (least ${sorted[0]!.toFixed(0)})`,
    );
  }
}
