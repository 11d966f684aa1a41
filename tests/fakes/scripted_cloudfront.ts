/** CloudFront's CreateInvalidation by a script, with a log of what it has accepted, and a cache at the edge to judge it by. */

/** What happens to a request: it is accepted, refused with a status and a code, accepted without an answer, or hangs. */
export type Turn = "accept" | "AccessDenied" | "Throttling" | "ServiceUnavailable" | "TooMany" | "lost" | "hang";

const REFUSALS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  AccessDenied: [403, "AccessDenied"],
  Throttling: [429, "Throttling"],
  ServiceUnavailable: [503, "ServiceUnavailable"],
  TooMany: [400, "TooManyInvalidationsInProgress"],
};

/** An invalidation that was accepted. */
export interface Accepted {
  readonly id: string;
  readonly reference: string;
  readonly paths: readonly string[];
  /** When the edge got it. */
  readonly at: number;
}

/** CloudFront, and what it knows of a bucket: which keys changed after they may have been cached, and when. */
export class ScriptedCloudFront {
  readonly accepted: Accepted[] = [];
  /** Every request, also those that were refused. */
  readonly requests: { readonly reference: string; readonly paths: readonly string[] }[] = [];
  /** What happens to the next requests; then all are accepted. */
  script: Turn[] = [];
  /** Is called for a request that hangs. */
  onHang: (request: Request) => void = () => {};
  #clock = 0;
  readonly #changes: { readonly key: string; readonly at: number }[] = [];

  /** The bytes of a key are others now, or gone, and it was there before. */
  changed(key: string): void {
    this.#changes.push({ key, at: ++this.#clock });
  }

  /** Keys that changed so often. */
  get changes(): number {
    return this.#changes.length;
  }

  /** Keys of which the edge may still have old bytes. */
  stale(): string[] {
    const covers = (paths: readonly string[], key: string): boolean =>
      paths.some((path) => {
        const text = decodeURIComponent(path.replace(/\*$/, "")).slice(1);
        return path.endsWith("*") ? key.startsWith(text) : key === text;
      });
    const stale = this.#changes.filter(({ key, at }) =>
      !this.accepted.some((accepted) => accepted.at > at && covers(accepted.paths, key))
    );
    return [...new Set(stale.map(({ key }) => key))].sort();
  }

  /** Answers a request. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const body = await request.text();
    const texts = (tag: string): string[] =>
      [...body.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))].map(([, text]) => unescape(text!));
    const [paths, [reference]] = [texts("Path"), texts("CallerReference")] as [string[], [string]];
    this.requests.push({ reference, paths });
    const turn = this.script.shift() ?? "accept";
    const refusal = REFUSALS[turn];
    if (refusal !== undefined) return refused(...refusal);
    if (turn === "hang") {
      return await new Promise((_, reject) => {
        const stop = (): void => reject(request.signal.reason);
        request.signal.addEventListener("abort", stop, { once: true });
        if (request.signal.aborted) stop();
        this.onHang(request);
      });
    }
    if (!paths.every(isPath)) return refused(400, "InvalidArgument");
    const known = this.accepted.find((accepted) => accepted.reference === reference);
    if (known !== undefined && known.paths.join("\n") !== paths.join("\n")) {
      return refused(400, "InvalidationBatchAlreadyExists");
    }
    const id = known?.id ?? `I${this.accepted.length}`;
    if (known === undefined) this.accepted.push({ id, reference, paths, at: ++this.#clock });
    if (turn === "lost") throw new TypeError("connection reset");
    return new Response(`<Invalidation><Id>${id}</Id><Status>InProgress</Status></Invalidation>`, { status: 201 });
  };
}

/** CloudFront refuses the whole request for one path that is none. */
function isPath(path: string): boolean {
  return path.length <= 4000 && /^\/(?:[A-Za-z0-9/\-_.!$&'()+,;=:@]|%[0-9A-F]{2})*\*?$/.test(path);
}

function unescape(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos|#39);/g, (entity) => ENTITIES[entity] ?? entity);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&#39;": "'",
};

function refused(status: number, code: string): Response {
  return new Response(`<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`, { status });
}
