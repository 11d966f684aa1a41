/** Bodies of forms, as browsers write them and malformed ones. */

export const BOUNDARY = "----WebKitFormBoundaryAbc-";

export interface WrittenPart {
  readonly name: string;
  readonly fileName?: string;
  readonly type?: string;
  readonly content: string | Uint8Array;
}

/** The bytes of a form, handwritten so that they can be malformed. */
export function formBytes(parts: readonly WrittenPart[], boundary = BOUNDARY): Uint8Array<ArrayBuffer> {
  const chunks: Uint8Array[] = [];
  const write = (chunk: string | Uint8Array): void => void chunks.push(asBytes(chunk));
  for (const { name, fileName, type, content } of parts) {
    write(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`);
    if (fileName !== undefined) write(`; filename="${fileName}"`);
    if (type !== undefined) write(`\r\nContent-Type: ${type}`);
    write("\r\n\r\n");
    write(content);
    write("\r\n");
  }
  write(`--${boundary}--\r\n`);
  return joined(chunks);
}

export function asBytes(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((length, { byteLength }) => length + byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}

/** A request with a body in these chunks. */
export function postForm(
  pieces: readonly Uint8Array[] | ReadableStream<Uint8Array>,
  headers: Readonly<Record<string, string>> = {},
): Request {
  const body = pieces instanceof ReadableStream ? pieces : ReadableStream.from(pieces);
  return new Request("http://localhost/upload", {
    method: "POST",
    body,
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}`, ...headers },
  });
}
