import { concatBytes } from "../../kit/bytes/bytes.ts";
import { firstBytes, PEEKED_BYTES } from "../content/charset.ts";
import { dependsOnBytes, suggest, type Suggestion } from "../content/file_type.ts";
import type { ByteSink } from "../contract/bytes.ts";
import type { ObjectWriteOptions } from "../contract/backend.ts";

/** The attributes of a file that has no others. */
type Fallback = Pick<ObjectWriteOptions, "fallbackContentType" | "fallbackContentEncoding">;

/**
 * A sink whose object is described by its name and its first bytes, as `save` does. Up to 64 KiB are kept in memory until the
 * description is known.
 *
 * @param given The encoding that the caller gave.
 * @param write Begins the object.
 */
export function examinedSink(name: string, given: string | undefined, write: (by: Fallback) => ByteSink): ByteSink {
  // A name such as a.css.gz suggests an encoding only for bytes that have it.
  const expected = suggest(name, undefined, given ?? "");
  // Begun before the first byte arrives, since wrong options are reported when a file is opened.
  const begun = write(fallbackOf(expected));
  return dependsOnBytes(name) ? new ExaminedSink(name, given, expected, begun, write) : begun;
}

class ExaminedSink implements ByteSink {
  readonly #failure = new AbortController();
  readonly #suggest: (bytes: Uint8Array) => Suggestion;
  readonly #expected: Suggestion;
  readonly #begin: (by: Fallback) => ByteSink;
  /** The first chunks, until the description is known. */
  #kept: Uint8Array[] | undefined = [];
  #keptBytes = 0;
  #sink: ByteSink;

  constructor(
    name: string,
    given: string | undefined,
    expected: Suggestion,
    begun: ByteSink,
    write: (by: Fallback) => ByteSink,
  ) {
    this.#suggest = (bytes) => suggest(name, firstBytes(bytes), given);
    this.#expected = expected;
    this.#sink = begun;
    this.#begin = write;
    this.#follow(begun);
  }

  get failed(): AbortSignal {
    return this.#failure.signal;
  }

  write(chunk: Uint8Array): Promise<void> | void {
    if (this.#kept === undefined) return this.#sink.write(chunk);
    this.#kept.push(chunk.slice());
    this.#keptBytes += chunk.byteLength;
    if (this.#keptBytes > PEEKED_BYTES) return this.#describe();
  }

  async close(): ReturnType<ByteSink["close"]> {
    if (this.#kept !== undefined) await this.#describe();
    return await this.#sink.close();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#sink.abort(reason);
  }

  async #describe(): Promise<void> {
    const bytes = concatBytes(this.#kept!);
    this.#kept = undefined;
    const unused = this.#choose(this.#suggest(bytes));
    try {
      // Begun in the same step, so that an abort finds the write that it ends.
      if (bytes.byteLength > 0) await this.#sink.write(bytes);
    } finally {
      await unused?.abort(new DOMException("The file is written with another description", "AbortError"));
    }
  }

  /** Begins another object if the first bytes give another description than the name; returns the first one. */
  #choose(suggestion: Suggestion): ByteSink | undefined {
    const { contentType, contentEncoding } = this.#expected;
    if (suggestion.contentType === contentType && suggestion.contentEncoding === contentEncoding) return undefined;
    const unused = this.#sink;
    this.#sink = this.#begin(fallbackOf(suggestion));
    this.#follow(this.#sink);
    return unused;
  }

  #follow({ failed }: ByteSink): void {
    failed?.addEventListener("abort", () => this.#failure.abort(failed.reason), { once: true });
  }
}

function fallbackOf({ contentType, contentEncoding }: Suggestion): Fallback {
  return { fallbackContentType: contentType, fallbackContentEncoding: contentEncoding };
}
