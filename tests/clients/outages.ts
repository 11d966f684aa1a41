/** Clients in child processes that begin many calls while the port of their server is closed. */
import { createS3Server } from "../../src/testing/mod.ts";
import { ROOT } from "../offline/import_map.ts";
import { lifetime } from "../runtimes/ending.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { freePorts } from "../servers/free_ports.ts";
import { CREDENTIALS } from "./served_server.ts";
import type { OutageFigures, OutageTask } from "./outage_tasks.ts";

/** A round of calls, with what the server counted. */
export interface OutageRound extends OutageFigures {
  /** Requests in the second after the port was opened; without an outage, after the calls began. */
  readonly requestsInSecond: number;
  /** All requests that the server received. */
  readonly requests: number;
  /** All objects of the bucket with their sizes, for saves. */
  readonly stored: Readonly<Record<string, number>>;
}

const SECOND_MILLISECONDS = 1000;

/** Outages last for seconds, and each client repeats its calls for some minutes at most. */
const CLIENT_LIMIT_MILLISECONDS = 1_800_000;

/** An S3 server in memory whose port can be closed and opened again. */
class LeavingServer {
  /** Outside the ephemeral range: a client that connects to a closed port there may meet its own socket. */
  readonly #port = freePorts(1)[0]!;
  /** The times of all requests, on the clock of `performance.now`. */
  readonly requests: number[] = [];
  #s3 = newServer();
  #http: Deno.HttpServer | undefined;

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get stored(): Record<string, number> {
    return Object.fromEntries(this.#s3.objects("media").map(({ key, size }) => [key, size]));
  }

  open(): void {
    const options = { hostname: "127.0.0.1", port: this.#port, onListen: () => {} };
    this.#http = Deno.serve(options, (request) => {
      this.requests.push(performance.now());
      return this.#s3.fetch(request);
    });
  }

  /** Closes the port and all connections, which must be idle. */
  async close(): Promise<void> {
    await this.#http?.shutdown();
    this.#http = undefined;
  }

  /** Forgets all objects and requests. */
  clear(): void {
    this.#s3 = newServer();
    this.requests.length = 0;
  }
}

function newServer(): ReturnType<typeof createS3Server> {
  return createS3Server({ buckets: ["media"], credentials: [CREDENTIALS] });
}

/** One client, which is asked for one round after the other. */
export class OutageClient implements AsyncDisposable {
  readonly #server = new LeavingServer();
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #errors: Promise<string>;

  /** @param command The program and its first arguments; the address of the server is the last one. */
  constructor([path, ...args]: readonly string[]) {
    this.#server.open();
    this.#child = new Deno.Command(path!, {
      args: [...args, this.#server.endpoint],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", AWS_EC2_METADATA_DISABLED: "true" },
      signal: lifetime(CLIENT_LIMIT_MILLISECONDS),
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
    this.#errors = new Response(this.#child.stderr).text();
  }

  /**
   * Runs the calls, all begun at the same time.
   *
   * @param awaySeconds How long the port stays closed after they began; 0 for no outage.
   */
  async round(task: OutageTask, awaySeconds: number): Promise<OutageRound> {
    const server = this.#server;
    server.clear();
    await this.#say(JSON.stringify(task));
    await this.#hear("ready");
    if (awaySeconds > 0) await server.close();
    let start = performance.now();
    server.requests.length = 0;
    await this.#say("go");
    if (awaySeconds > 0) {
      await this.#hear("begun");
      await new Promise((resolve) => setTimeout(resolve, awaySeconds * SECOND_MILLISECONDS));
      server.open();
      start = performance.now();
    } else {
      await this.#hear("begun");
    }
    const figures: OutageFigures = JSON.parse((await this.#hear(RESULTS_MARKER)).slice(RESULTS_MARKER.length));
    const requestsInSecond = server.requests.filter((at) => at - start < SECOND_MILLISECONDS).length;
    return { ...figures, requestsInSecond, requests: server.requests.length, stored: server.stored };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close().catch(() => {});
    await this.#child.status;
    await this.#server.close();
    await this.#errors;
  }

  async #say(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  /** The next line, which must begin with this text. */
  async #hear(start: string): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (!done && value.startsWith(start)) return value;
    throw new Error(`The client said ${JSON.stringify(value ?? "nothing")} instead of ${start}: ${await this.#errors}`);
  }
}

/** The lines of the output of a process. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
