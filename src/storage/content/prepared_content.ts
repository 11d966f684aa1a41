import type { Bytes } from "../../kit/bytes/bytes.ts";
import type { WriteOptions } from "../contract/options.ts";

/** Content that can be stored: whole if its bytes are complete, else a stream of bytes. */
export type PreparedContent =
  & {
    /** The content's own description; the caller's options come first. */
    readonly described?: ContentDescription | undefined;
    /** The content's own media type; a configured one comes first. */
    readonly type?: string | undefined;
    readonly encoding?: string | undefined;
    /** Whether the bytes are known to be UTF-8. */
    readonly isUtf8?: boolean | undefined;
  }
  & ({ readonly whole: Bytes | Blob } | ContentStream);

/** The known attributes of a file, besides its bytes. */
export type ContentDescription = Pick<
  WriteOptions,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

export interface ContentStream {
  readonly stream: AsyncIterable<Uint8Array>;
  /** Ends the stream immediately with a reason and releases the source, also while the source is stalled. */
  readonly stop: (reason: unknown) => void;
}
