/** A bucket behind CloudFront, with simulated client processes that can be killed during a request. */
import { createS3Server } from "../../../src/testing/mod.ts";
import { run } from "../../../src/cli/mod.ts";
import { ScriptedCloudFront } from "../../fakes/scripted_cloudfront.ts";
import type { SeededRandom } from "../random.ts";
import { type Outcome, recorded } from "./stage.ts";

export const DISTRIBUTION = "EDFDVBD6EXAMPLE";

/** How the process of a client is killed. */
export interface Kill {
  /** The number of the write, counted from 1, before whose answer it is killed. */
  readonly atWrite: number;
  /** Whether that write reaches the server: immediately, never, or when `deliverLate` is called. */
  readonly arrives: "now" | "never" | "later";
}

/** The bucket `media`, and the keys that CloudFront may have cached. */
export class WatchedBucket {
  readonly server = createS3Server({ buckets: ["media"] });
  readonly cloudFront = new ScriptedCloudFront();
  /** The folder of records, which are not files of the site. */
  isWatched = (key: string): boolean => !key.includes(".pending-invalidation/");
  killed = 0;
  #etags = new Map<string, string>();
  readonly #late: (() => Promise<Response>)[] = [];
  /** Kills the process that has sent a request. */
  readonly #processes = new WeakMap<Request, AbortController>();

  constructor() {
    this.cloudFront.onHang = (request) => this.#processes.get(request)?.abort(new Error("stopped"));
  }

  /** The keys of the files in the bucket. */
  get keys(): string[] {
    return this.server.objects("media").map(({ key }) => key);
  }

  /** Sends a request, and records the changed keys. */
  async send(request: Request): Promise<Response> {
    const response = await this.server.fetch(request);
    const now = new Map(this.server.objects("media").map(({ key, etag }) => [key, etag]));
    for (const [key, etag] of this.#etags) {
      if (this.isWatched(key) && now.get(key) !== etag) this.cloudFront.changed(key);
    }
    this.#etags = now;
    return response;
  }

  /** Delivers the delayed writes of killed clients. */
  async deliverLate(): Promise<void> {
    for (const send of this.#late.splice(0)) await send();
  }

  /** Runs a command line like a process: after it is killed, no further request reaches the server. */
  async run(argv: readonly string[], kill?: Kill, pause?: () => Promise<void>): Promise<Outcome> {
    const process = new AbortController();
    let writes = 0;
    const end = (): never => {
      process.abort(new Error("killed"));
      throw process.signal.reason;
    };
    const underWay = new Set<Promise<unknown>>();
    const answer = async (request: Request): Promise<Response> => {
      await pause?.();
      if (process.signal.aborted) end();
      this.#processes.set(request, process);
      if (new URL(request.url).host === "cloudfront.amazonaws.com") return await this.cloudFront.fetch(request);
      if (request.method === "GET" || request.method === "HEAD") return await this.send(request);
      if (++writes !== kill?.atWrite) return await this.send(request);
      this.killed++;
      if (kill.arrives === "now") await this.send(request);
      if (kill.arrives === "later") {
        const later = new Request(request.url, {
          method: request.method,
          headers: request.headers,
          body: await request.arrayBuffer(),
        });
        this.#late.push(() => this.send(later));
      }
      return end();
    };
    const fetch = (request: Request): Promise<Response> => {
      const answered = answer(request);
      underWay.add(answered);
      return answered;
    };
    const { io, text } = recorded();
    const code = await run(argv, { ...io, ask: undefined, env: {}, fetch, signal: process.signal });
    await Promise.allSettled(underWay); // earlier requests of the process arrive before the next command starts
    return { code, ...text };
  }
}

/** Waits for a random number of event-loop turns. */
export function pauses(random: SeededRandom): () => Promise<void> {
  return async () => {
    for (let turns = random.below(20); turns > 0; turns--) await Promise.resolve();
  };
}

/** Makes a folder contain exactly these files. */
export async function writeSite(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of files) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}
