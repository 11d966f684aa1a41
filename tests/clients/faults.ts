/** Random operations of this package on a runtime, behind a line with faults, compared with the state of the server. */
import { FAULT_KINDS, type FaultKind } from "../fakes/fault_plan.ts";
import { FaultServer } from "../fakes/fault_server.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";
import { freePorts } from "../servers/free_ports.ts";
import { bytesOf, type Content, type CountedError } from "../unit/s3/fault_content.ts";
import type { FaultMessage, FaultReply, FaultTask, SentFolder } from "./fault_client.ts";
import { type Digest, type FaultStorage, sha256 } from "./fault_storage.ts";
import { linesOf } from "./outages.ts";

const CLIENT = "tests/clients/fault_client.ts";

export const FAULT_RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: async () => [Deno.execPath(), ...await withImportMap(["run", "-A", CLIENT])],
  bun: async () => [await bunPath(), "run", await bundled()],
  node: async () => [await nodePath(), await bundled()],
};

let made: Promise<string> | undefined;
const bundled = (): Promise<string> => made ??= bundle(CLIENT, "tests/.build/fault_client.js");

export interface FaultRun {
  readonly seed: number;
  readonly operations: number;
  /** Workers, each with a folder of its own. */
  readonly workers: number;
  /** The share of requests with a fault. */
  readonly rate: number;
  /** The timeout of the client, in seconds. */
  readonly timeout: number;
  /** The kinds of fault; all of them by default. */
  readonly kinds?: readonly FaultKind[];
}

export interface FaultReport {
  readonly operations: number;
  /** Operations that had to fail, and did. */
  readonly refused: number;
  /** Operations that ended with another typed error. */
  readonly failed: number;
  readonly errors: Readonly<Record<string, CountedError>>;
  readonly injected: Readonly<Record<FaultKind, number>>;
  readonly requests: number;
  readonly seconds: number;
  /** Uploads that the last call aborted: those whose id never arrived. */
  readonly abortedUploads: number;
  /** Everything that is not as promised. */
  readonly wrong: readonly string[];
}

/** A run of some thousand operations takes minutes. */
const RUN_LIMIT_MILLISECONDS = 3 * 3_600_000;

/** The faults of a folder that a wrong outcome is reported with. */
const REPORTED_FAULTS = 8;

/**
 * @param command The runtime and the entry.
 * @throws {Error} If the process ends without a result.
 */
export async function runFaults(
  command: readonly string[],
  storage: FaultStorage,
  { seed, operations, workers, rate, timeout, kinds = FAULT_KINDS }: FaultRun,
): Promise<FaultReport> {
  const start = performance.now();
  await using faults = new FaultServer(storage.target, { seed, rate, kinds, port: freePorts(1)[0]! });
  const folder = await Deno.makeTempDir({ prefix: "storages-faults-" });
  const task: FaultTask = { endpointUrl: faults.endpoint, keys: storage.keys, seed, operations, workers, timeout };
  const [path, ...args] = [...command, JSON.stringify(task)];
  const child = new Deno.Command(path!, {
    args,
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", TMPDIR: folder, FILE_UPLOAD_TEMP_DIR: folder, AWS_EC2_METADATA_DISABLED: "true" },
    signal: lifetime(RUN_LIMIT_MILLISECONDS),
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const writer = child.stdin.getWriter();
  // A process that has ended is reported with its exit code.
  const say = (line: string): Promise<void> => writer.write(new TextEncoder().encode(`${line}\n`)).catch(() => {});
  const wrong: string[] = [];
  const state = new StateReader(faults, storage);
  let done: Extract<FaultMessage, { type: "done" }> | undefined;
  let abortedUploads = 0;
  try {
    for await (const line of linesOf(child.stdout)) {
      const message = JSON.parse(line) as FaultMessage;
      if (message.type === "find") {
        state.find(message).then((found) => say(JSON.stringify({ id: message.id, found } satisfies FaultReply)));
      } else if (message.type === "wrong") {
        wrong.push(`${message.what}\n${faultsOf(faults, `${message.folder}/`)}`);
      } else if (message.type === "done") {
        done = message;
        for (const timer of message.timers) wrong.push(`a timer is pending after all operations: ${timer}`);
        await faults.settled("");
        wrong.push(...await state.uploadsWithParts(), ...await state.differences(message));
        faults.faulty = false;
        await say("calm");
      } else {
        abortedUploads = message.uploads;
        for (const timer of message.timers) wrong.push(`a timer is pending at the end: ${timer}`);
        for (const upload of await storage.uploads()) wrong.push(`an upload is left: ${upload}`);
        await writer.close().catch(() => {});
      }
    }
    const { code, signal } = await child.status;
    const printed = await stderr;
    if (done === undefined) {
      throw new Error(`The process ended with ${signal ?? code} and without a result: ${printed}`);
    }
    if (signal !== null || code !== 0) wrong.push(`the process ended with ${signal ?? code}`);
    if (printed !== "") wrong.push(`the process printed: ${printed}`);
    for await (const { name } of Deno.readDir(folder)) wrong.push(`a temporary file is left: ${name}`);
    const { tally, errors } = done;
    const seconds = (performance.now() - start) / 1000;
    return {
      ...tally,
      errors,
      injected: faults.injected,
      requests: faults.requestCount,
      seconds,
      abortedUploads,
      wrong,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The last faults of a key or a folder, for the report of a wrong outcome. */
function faultsOf({ log }: FaultServer, path: string): string {
  const own = log.filter((line) => line.includes(`/${path}`) || line.includes(`=${encodeURIComponent(path)}`));
  return own.slice(-REPORTED_FAULTS).map((line) => `    ${line}`).join("\n");
}

/** Compares the state of the server, as another client reads it. */
class StateReader {
  readonly #faults: FaultServer;
  readonly #storage: FaultStorage;
  readonly #digests = new Map<number, Promise<string>>();

  constructor(faults: FaultServer, storage: FaultStorage) {
    this.#faults = faults;
    this.#storage = storage;
  }

  async find(
    { folder, allowed }: Extract<FaultMessage, { type: "find" }>,
  ): Promise<number | string> {
    await this.#faults.settled(folder);
    const objects = await this.#storage.objects(folder);
    for (const [index, content] of allowed.entries()) {
      if (await this.#holds(objects, content)) return index;
    }
    return JSON.stringify(Object.entries(objects).map(([name, [length]]) => [name, length]));
  }

  /** Objects that are missing, changed or unknown after all operations. */
  async differences(
    { states, shared, unsure }: Extract<FaultMessage, { type: "done" }>,
  ): Promise<string[]> {
    const wrong: string[] = [];
    const objects = await this.#storage.objects("");
    for (const [name, content] of [...states, ...shared]) {
      const object = objects[name];
      if (object === undefined) wrong.push(`${name} was stored, but is missing`);
      else if (!await this.#isSame(object, content)) {
        wrong.push(`${name} has other bytes than were stored\n${faultsOf(this.#faults, name)}`);
      }
    }
    const known = new Set(shared.map(([name]) => name));
    const maybe = [...unsure];
    for (const [name, object] of Object.entries(objects)) {
      if (!name.startsWith("shared/") || known.has(name)) continue;
      const same = await Promise.all(maybe.map((content) => this.#isSame(object, content)));
      if (same.includes(true)) maybe.splice(same.indexOf(true), 1);
      else wrong.push(`${name} exists with ${object[0]} bytes, and was never stored\n${faultsOf(this.#faults, name)}`);
    }
    return wrong;
  }

  async uploadsWithParts(): Promise<string[]> {
    const uploads = await this.#storage.uploads();
    return uploads.filter(([, , parts]) => parts > 0)
      .map((upload) => `an upload is left with parts: ${upload}\n${faultsOf(this.#faults, upload[0])}`);
  }

  async #holds(objects: Readonly<Record<string, Digest>>, folder: SentFolder): Promise<boolean> {
    if (folder.length !== Object.keys(objects).length) return false;
    for (const [name, content] of folder) {
      const object = objects[name];
      if (object === undefined || !await this.#isSame(object, content)) return false;
    }
    return true;
  }

  async #isSame([length, digest]: Digest, content: Content): Promise<boolean> {
    return length === content.length && digest === await this.#digestOf(content);
  }

  #digestOf(content: Content): Promise<string> {
    let digest = this.#digests.get(content.id);
    if (digest === undefined) this.#digests.set(content.id, digest = sha256(bytesOf(content)));
    return digest;
  }
}
