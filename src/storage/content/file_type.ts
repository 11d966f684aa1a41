import { peekChunks } from "../files/peek_chunks.ts";
import { hasSignature } from "./coding_signature.ts";
import { type FirstBytes, firstBytes, lacksCharset, PEEKED_BYTES, withCharset, withUtf8 } from "./charset.ts";
import { DEFAULT_CONTENT_TYPE } from "./content_type.ts";
import { type CodedType, guessContentType, guessEncoded } from "./guess_type.ts";
import type { PreparedContent } from "./prepared_content.ts";

export { guessContentType } from "./guess_type.ts";

/** What a name and bytes suggest about a file. */
export interface Suggestion {
  readonly contentType: string;
  readonly contentEncoding: string | undefined;
}

/** What is known of a file's bytes: the first of them, or that all are UTF-8. */
export type KnownBytes = FirstBytes | "utf-8" | undefined;

/**
 * What the name and the bytes suggest.
 *
 * @param given The encoding that the caller or the content has; an empty one means that there is none. The encoding of a name
 * such as `a.css.gz` is used only without one.
 */
export function suggest(name: string, known: KnownBytes, given?: string): Suggestion {
  const { coded, type } = namedType(name);
  if (coded !== undefined && (given === undefined ? mayHave(coded.encoding, known) : given === coded.encoding)) {
    return { contentType: coded.type, contentEncoding: coded.encoding };
  }
  const contentType = type ?? DEFAULT_CONTENT_TYPE;
  const contentEncoding = given || undefined;
  if (contentEncoding !== undefined || known === undefined) return { contentType, contentEncoding };
  return { contentType: known === "utf-8" ? withUtf8(contentType) : withCharset(contentType, known), contentEncoding };
}

/** Whether the suggestion for a name depends on the bytes. */
export function dependsOnBytes(name: string): boolean {
  return namedType(name).isUnsure;
}

/** What a name alone suggests. */
interface NamedType {
  readonly name: string;
  readonly type: string | undefined;
  readonly coded: CodedType | undefined;
  /** Whether the bytes decide. */
  readonly isUnsure: boolean;
}

/** That of the last name, which one call asks for several times. */
let last: NamedType | undefined;

function namedType(name: string): NamedType {
  if (last?.name === name) return last;
  const [type, coded] = [guessContentType(name), guessEncoded(name)];
  return last = { name, type, coded, isUnsure: coded !== undefined || (type !== undefined && lacksCharset(type)) };
}

/** Whether bytes may have an encoding; unknown ones may have any. */
function mayHave(encoding: string, known: KnownBytes): boolean {
  return known === undefined || (known !== "utf-8" && hasSignature(encoding, known.bytes) !== false);
}

/** Content, and what is known of its bytes. */
export interface ExaminedContent {
  readonly content: PreparedContent;
  readonly known: KnownBytes;
}

/**
 * Examines content that is to be saved.
 *
 * @returns A promise only for a stream or a Blob whose bytes must be read.
 */
export function examine(name: string, content: PreparedContent): ExaminedContent | Promise<ExaminedContent> {
  if (content.isUtf8) return { content, known: "utf-8" };
  if (!dependsOnBytes(name)) return { content, known: undefined };
  if ("stream" in content) return examineStream(content);
  const { whole } = content;
  if (whole instanceof Uint8Array) return { content, known: firstBytes(whole) };
  return whole.slice(0, PEEKED_BYTES + 1).arrayBuffer().then((buffer) => ({
    content,
    known: firstBytes(new Uint8Array(buffer)),
  }));
}

async function examineStream(
  content: PreparedContent & { stream: AsyncIterable<Uint8Array> },
): Promise<ExaminedContent> {
  const { head, chunks } = await peekChunks(content.stream, PEEKED_BYTES + 1);
  return { content: { ...content, stream: chunks }, known: firstBytes(head) };
}
