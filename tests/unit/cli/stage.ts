/** Runs commands with a server in memory and folders on disk, and records their output. */
import { S3Storage } from "../../../mod.ts";
import { type CommandIo, run } from "../../../src/cli/mod.ts";
import { createS3Server, type S3ServerOptions } from "../../../src/testing/mod.ts";

/** The result of a command. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Stage {
  /** An empty folder on disk. */
  readonly folder: string;
  /** The bucket `media`. */
  readonly storage: S3Storage;
  /** The method and URL of every request. */
  readonly requests: string[];
  readonly fetch: (request: Request) => Promise<Response>;
  /** A place in the bucket, with credentials. */
  s3(key?: string, query?: string): string;
  run(argv: readonly string[], io?: Partial<CommandIo>): Promise<Outcome>;
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

/** Creates outputs that record all text. */
export function recorded(isTerminal = false, columns?: () => number): {
  readonly io: Pick<CommandIo, "stdout" | "stderr">;
  readonly text: { stdout: string; stderr: string };
} {
  const text = { stdout: "", stderr: "" };
  const decoder = new TextDecoder();
  const output = (name: "stdout" | "stderr"): CommandIo["stdout"] => ({
    write: (chunk) => void (text[name] += typeof chunk === "string" ? chunk : decoder.decode(chunk)),
    isTerminal,
    columns,
  });
  return { io: { stdout: output("stdout"), stderr: output("stderr") }, text };
}

/** Runs a function with a stage, and removes its folder afterwards. */
export async function onStage(act: (stage: Stage) => Promise<void>, options: S3ServerOptions = {}): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-cli-" });
  const server = createS3Server({ buckets: ["media", "other"], ...options });
  const requests: string[] = [];
  const fetch = (request: Request): Promise<Response> => {
    requests.push(`${request.method} ${request.url}`);
    return server.fetch(request);
  };
  const keys = { accessKey: "testkey", secretKey: "testsecret" };
  try {
    await act({
      folder,
      requests,
      fetch,
      storage: new S3Storage({ bucketName: "media", location: "", ...keys, fetch: server.fetch }),
      s3: (key = "", query = "") => `s3://testkey:testsecret@media/${key}${query}`,
      run: async (argv, io = {}) => {
        const { io: outputs, text } = recorded();
        const code = await run(argv, { ...outputs, ask: undefined, env: {}, fetch, ...io });
        return { code, ...text };
      },
      write: async (files) => {
        for (const [name, text] of Object.entries(files)) {
          const path = `${folder}/${name}`;
          await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
          await Deno.writeTextFile(path, text);
        }
      },
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The names of all stored objects. */
export async function namesIn(storage: S3Storage): Promise<string[]> {
  return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
}
