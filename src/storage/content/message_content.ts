import { withEncoding } from "./message_encoding.ts";
import type { PreparedContent } from "./prepared_content.ts";
import { contentStream } from "./stream_content.ts";

/**
 * Prepares the body of a Request or a Response to be stored, with its media type.
 *
 * @param name The file's name, for errors.
 * @param contentEncoding The caller's encoding, which overrides that of the message.
 * @throws {TypeError} If the body was already read or has a reader, or the response has failed.
 */
export async function prepareMessage(
  name: string,
  message: Request | Response,
  signal: AbortSignal | undefined,
  contentEncoding: string | undefined,
): Promise<PreparedContent> {
  const { body } = message;
  if (message.bodyUsed || body?.locked) {
    const kind = message instanceof Request ? "Request" : "Response";
    throw new TypeError(
      `Cannot save '${name}': the body of the ${kind} was already read, or has a reader. Save it before anything else ` +
        "reads it, or save what was read",
    );
  }
  if (message instanceof Response && !message.ok) {
    throw new TypeError(`Cannot save '${name}': the response has failed, its status is ${message.status}`);
  }
  const type = /^[ -~]+$/.exec(message.headers.get("content-type") ?? "")?.[0]; // a message from elsewhere may have any value
  if (body === null) return { whole: new Uint8Array(0), type };
  const content = { ...contentStream(body, signal), type };
  const isEncoded = contentEncoding === undefined && message.headers.has("content-encoding");
  return isEncoded ? await withEncoding(message, content) : content;
}
