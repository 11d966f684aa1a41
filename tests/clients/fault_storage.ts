/** The bucket behind the faults, and another client that reads it without them. */
import { S3Peer } from "../conformance/s3_peer.ts";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { type FaultTarget, fetchedFrom, ForeignTarget } from "../fakes/fault_target.ts";
import { forwardTo } from "../fakes/forward_request.ts";
import { lifetime } from "../runtimes/ending.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { linesOf } from "./outages.ts";

/** The length and the SHA-256 of the bytes of an object. */
export type Digest = readonly [length: number, sha256: string];

/** A multipart upload that was not completed or aborted. */
export type OpenUpload = readonly [key: string, uploadId: string, parts: number];

export interface FaultStorage extends AsyncDisposable {
  /** What it is, for the report. */
  readonly name: string;
  /** Two keys of the same user. */
  readonly keys: readonly (readonly [accessKey: string, secretKey: string])[];
  readonly target: FaultTarget;
  /** The objects below a prefix, as the other client reads them. */
  objects(prefix: string): Promise<Readonly<Record<string, Digest>>>;
  uploads(): Promise<readonly OpenUpload[]>;
}

const KEYS = [["testkey", "testsecret"], ["otherkey", "othersecret"]] as const;

/** The interpreters that may have boto3: that of Debian, then another one on PATH. */
const PYTHONS = ["/usr/bin/python3", "python3"];

/** A judge outlives all operations of a long run. */
const JUDGE_LIMIT_MILLISECONDS = 24 * 3_600_000;

/** The interpreter with boto3; `undefined` if there is none. */
export async function pythonWithBoto3(): Promise<string | undefined> {
  for (const python of PYTHONS) {
    try {
      const { success } = await new Deno.Command(python, { args: ["-c", "import boto3"], stderr: "null" }).output();
      if (success) return python;
    } catch { /* not installed */ }
  }
}

/** Ceph RGW that boto3 reads; without them the in-memory server, whose state is read directly. */
export async function startFaultStorage(): Promise<FaultStorage> {
  const python = await pythonWithBoto3();
  const rgw = python === undefined ? undefined : await startRgw();
  if (python === undefined || rgw === undefined || "skipped" in rgw) return new MemoryFaultStorage();
  try {
    return await RgwFaultStorage.start(rgw, python);
  } catch (error) {
    await rgw.stop();
    throw error;
  }
}

class MemoryFaultStorage implements FaultStorage {
  readonly name = "the in-memory server, which reads its own state: Ceph RGW or boto3 is not installed";
  readonly keys = KEYS;
  readonly #server: S3Server = createS3Server({
    buckets: ["media"],
    credentials: KEYS.map(([accessKeyId, secretAccessKey]) => ({ accessKeyId, secretAccessKey })),
  });
  readonly target: FaultTarget = new ForeignTarget((head, body) => fetchedFrom(this.#server, head, body));

  async objects(prefix: string): Promise<Readonly<Record<string, Digest>>> {
    const found = this.#server.objects("media").filter(({ key }) => key.startsWith(prefix));
    const entries = found.map(async ({ key, bytes }) => [key, [bytes.length, await sha256(bytes)]] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  uploads(): Promise<readonly OpenUpload[]> {
    const uploads = this.#server.openUploads("media");
    return Promise.resolve(uploads.map(({ key, uploadId, partNumbers }) => [key, uploadId, partNumbers.length]));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

interface JudgeAnswer {
  readonly id: number;
  readonly objects?: Readonly<Record<string, Digest>>;
  readonly uploads?: readonly OpenUpload[];
  readonly error?: string;
}

class RgwFaultStorage implements FaultStorage {
  readonly name = "Ceph RGW, read by boto3";
  readonly keys = KEYS;
  readonly target: FaultTarget;
  readonly #rgw: RgwServer;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #waiting = new Map<number, (answer: JudgeAnswer) => void>();
  readonly #reading: Promise<void>;
  #asked = 0;

  private constructor(rgw: RgwServer, python: string) {
    this.#rgw = rgw;
    this.target = new ForeignTarget(forwardTo(Number(new URL(rgw.endpoint).port)));
    const script = decodeURIComponent(new URL("fault_judge.py", import.meta.url).pathname);
    this.#child = new Deno.Command(python, {
      args: [script, rgw.endpoint, rgw.accessKey, rgw.secretKey, "media"],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      signal: lifetime(JUDGE_LIMIT_MILLISECONDS),
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  static async start(rgw: RgwServer, python: string): Promise<RgwFaultStorage> {
    const folder = rgw.caPath.replace(/\/tls\/ca\.pem$/, "");
    const [, [access, secret]] = KEYS;
    const admin = ["-c", `${folder}/ceph.conf`, "-n", "client.rgw", "--no-mon-config", "--admin-socket", ""];
    const { success, stderr } = await new Deno.Command("radosgw-admin", {
      args: [...admin, "key", "create", "--uid=test", `--access-key=${access}`, `--secret-key=${secret}`],
      stdin: "null",
    }).output();
    if (!success) throw new Error(`Cannot add a key: ${new TextDecoder().decode(stderr)}`);
    const { endpoint, accessKey, secretKey } = rgw;
    await new S3Peer({ endpoint, accessKey, secretKey, bucket: "media" }).createBucket();
    return new RgwFaultStorage(rgw, python);
  }

  async objects(prefix: string): Promise<Readonly<Record<string, Digest>>> {
    return (await this.#ask({ prefix })).objects!;
  }

  async uploads(): Promise<readonly OpenUpload[]> {
    return (await this.#ask({})).uploads!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#reading;
    await this.#child.status;
    await this.#rgw.stop();
  }

  async #ask(question: { prefix?: string }): Promise<JudgeAnswer> {
    const id = ++this.#asked;
    const answer = new Promise<JudgeAnswer>((resolve) => this.#waiting.set(id, resolve));
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify({ id, ...question })}\n`));
    const given = await answer;
    if (given.error !== undefined) throw new Error(`boto3 failed: ${given.error}`);
    return given;
  }

  async #read(): Promise<void> {
    for await (const line of linesOf(this.#child.stdout)) {
      const answer = JSON.parse(line) as JudgeAnswer;
      this.#waiting.get(answer.id)?.(answer);
      this.#waiting.delete(answer.id);
    }
  }
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
