import { detectType, fitsType, SIGNATURE_BYTES } from "../../kit/bytes/file_signature.ts";
import { withoutCoding } from "../../kit/text/content_codings.ts";
import { hasSignature } from "./coding_signature.ts";
import type { ContentStream, PreparedContent } from "./prepared_content.ts";
import { peekChunks } from "../files/peek_chunks.ts";

/** Media types of gzip files, which need no content encoding. */
const GZIP_TYPES = /^application\/(x-)?(gzip|tgz|gtar-compressed|compressed-tar)\b/i;

/**
 * The content of a message, with its encoding if the bytes agree with the header.
 *
 * Runtimes decode fetched bodies but keep the header, and a Response made of such a body may have the header too. A
 * Request that a server received has the bytes as they were sent.
 *
 * @throws {TypeError} If a Response was not fetched and has an encoding without a signature, such as `br`.
 */
export async function withEncoding(
  message: Request | Response,
  content: ContentStream & { readonly type: string | undefined },
): Promise<PreparedContent> {
  // A fetched object may have the coding of the transfer to S3, which no runtime knows.
  const said = withoutCoding(message.headers.get("content-encoding"), "aws-chunked")?.toLowerCase() ?? "";
  const encoding = said === "x-gzip" ? "gzip" : said;
  if (encoding === "" || encoding === "identity") return content;
  const { type = "" } = content;
  const { head, chunks } = await peekChunks(content.stream, SIGNATURE_BYTES);
  const prepared = { ...content, stream: chunks };
  if (head.byteLength === 0) return prepared;
  const isFetched = message instanceof Response && message.url !== "";
  const isEncoded = hasSignature(encoding, head);
  if (isEncoded !== undefined) {
    const isDecoded = !isEncoded || (isFetched && encoding === "gzip" && GZIP_TYPES.test(type));
    return isDecoded ? prepared : { ...prepared, encoding };
  }
  const isPlain = isFetched || (detectType(head) !== undefined && fitsType(type.replace(/;.*/, ""), head) === true);
  if (isPlain) return prepared;
  if (message instanceof Request) return { ...prepared, encoding };
  const error = new TypeError(
    `Cannot save this Response: it is unclear whether its bytes have its Content-Encoding "${encoding}". ` +
      `Pass contentEncoding: "${encoding}" if they have, else contentEncoding: ""`,
  );
  content.stop(error);
  throw error;
}
