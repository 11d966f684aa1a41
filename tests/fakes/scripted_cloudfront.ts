/** A scripted CreateInvalidation of CloudFront, with a log of accepted invalidations and a model of the edge cache. */

/** The result of a request: accepted, refused with a status and a code, accepted without an answer, or hanging. */
export type Turn = "accept" | "AccessDenied" | "Throttling" | "ServiceUnavailable" | "TooMany" | "lost" | "hang";

const REFUSALS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  AccessDenied: [403, "AccessDenied"],
  Throttling: [429, "Throttling"],
  ServiceUnavailable: [503, "ServiceUnavailable"],
  TooMany: [400, "TooManyInvalidationsInProgress"],
};

/** An accepted invalidation. */
export interface Accepted {
  readonly id: string;
  readonly reference: string;
  readonly paths: readonly string[];
  /** When the edge received it. */
  readonly at: number;
}

/** CloudFront in front of a bucket, with the times at which cached keys changed. */
export class ScriptedCloudFront {
  readonly accepted: Accepted[] = [];
  /** All requests, including refused ones. */
  readonly requests: { readonly reference: string; readonly paths: readonly string[] }[] = [];
  /** The results of the next requests; later ones are accepted. */
  script: Turn[] = [];
  /** Called for a hanging request. */
  onHang: (request: Request) => void = () => {};
  #clock = 0;
  readonly #changes: { readonly key: string; readonly at: number }[] = [];

  /** Records that an existing key was changed or deleted. */
  changed(key: string): void {
    this.#changes.push({ key, at: ++this.#clock });
  }

  /** The number of changes. */
  get changes(): number {
    return this.#changes.length;
  }

  /** Keys whose old bytes the edge may still have cached. */
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

/** Refuses the whole request for one invalid path, as CloudFront does. */
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
