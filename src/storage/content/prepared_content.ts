import type { Bytes } from "../../kit/bytes/bytes.ts";
import type { WriteOptions } from "../contract/options.ts";

/** Content made ready: whole where it is there already, else as a stream of bytes. */
export type PreparedContent =
  & {
    /** What the content says of itself; the caller's options come first. */
    readonly described?: ContentDescription | undefined;
    /** The media type that the content has; what the storage is configured with comes first. */
    readonly type?: string | undefined;
    readonly encoding?: string | undefined;
  }
  & ({ readonly whole: Bytes | Blob } | ContentStream);

/** What describes a file beside its bytes, as far as it is known. */
export type ContentDescription = Pick<
  WriteOptions,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

export interface ContentStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Ends it at once with that reason and releases the source, also while that sends nothing. */
  readonly stop: (reason: unknown) => void;
}
