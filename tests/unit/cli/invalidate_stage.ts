/** A bucket behind CloudFront, with clients whose processes can be killed in the middle of a request. */
import { createS3Server } from "../../../src/testing/mod.ts";
import { run } from "../../../src/cli/mod.ts";
import { ScriptedCloudFront } from "../../fakes/scripted_cloudfront.ts";
import type { SeededRandom } from "../random.ts";
import { type Outcome, recorded } from "./stage.ts";

export const DISTRIBUTION = "EDFDVBD6EXAMPLE";

/** How the process of a client ends. */
export interface Kill {
  /** Before the answer to this one of its writes, counted from 1. */
  readonly atWrite: number;
  /** Whether that write arrives: now, never, or later, when `deliverLate` is called. */
  readonly arrives: "now" | "never" | "later";
}

/** The bucket `media`, and what CloudFront may have cached of it. */
export class WatchedBucket {
  readonly server = createS3Server({ buckets: ["media"] });
  readonly cloudFront = new ScriptedCloudFront();
  /** Records at the place are no files of the site. */
  isWatched = (key: string): boolean => !key.includes(".pending-invalidation/");
  killed = 0;
  #etags = new Map<string, string>();
  readonly #late: (() => Promise<Response>)[] = [];
  /** Ends the process that has sent a request. */
  readonly #processes = new WeakMap<Request, AbortController>();

  constructor() {
    this.cloudFront.onHang = (request) => this.#processes.get(request)?.abort(new Error("stopped"));
  }

  /** The keys that are there. */
  get keys(): string[] {
    return this.server.objects("media").map(({ key }) => key);
  }

  /** Sends a request, and looks what it changed. */
  async send(request: Request): Promise<Response> {
    const response = await this.server.fetch(request);
    const now = new Map(this.server.objects("media").map(({ key, etag }) => [key, etag]));
    for (const [key, etag] of this.#etags) {
      if (this.isWatched(key) && now.get(key) !== etag) this.cloudFront.changed(key);
    }
    this.#etags = now;
    return response;
  }

  /** Delivers the writes of killed clients that were still on their way. */
  async deliverLate(): Promise<void> {
    for (const send of this.#late.splice(0)) await send();
  }

  /** Runs a command line in a process of its own, so to say: after its kill nothing of it arrives any more. */
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
    await Promise.allSettled(underWay); // what the process had sent arrives before anything else begins
    return { code, ...text };
  }
}

/** Waits for a random number of turns. */
export function pauses(random: SeededRandom): () => Promise<void> {
  return async () => {
    for (let turns = random.below(20); turns > 0; turns--) await Promise.resolve();
  };
}

/** Makes a folder be these files, and no others. */
export async function writeSite(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, text] of files) {
    await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
}
