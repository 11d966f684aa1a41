/** Sends a request to a server as it is, with its Host header, which `fetch` would replace. */
import type { Answer } from "./fault_answers.ts";
import type { RequestHead } from "./http_socket.ts";

const encoder = new TextEncoder();
/** Decodes each byte to one character. */
const latin1 = new TextDecoder("latin1");

/** Headers of one connection, which are not forwarded. */
const HOP_HEADERS: ReadonlySet<string> = new Set(["connection", "keep-alive", "expect", "transfer-encoding"]);

/** @param port The port of the server on loopback. */
export function forwardTo(port: number): (head: RequestHead, body: Uint8Array) => Promise<Answer> {
  return async ({ method, target, headers }, body) => {
    const lines = [...headers].filter(([name]) => !HOP_HEADERS.has(name)).map(([name, value]) =>
      `${name}: ${value}\r\n`
    );
    const head = encoder.encode(`${method} ${target} HTTP/1.1\r\n${lines.join("")}connection: close\r\n\r\n`);
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay();
    const writing = writeAll(connection, [head, body]).catch(() => {}); // the server may answer before it read the body
    const answer = await readAll(connection);
    await writing;
    return parse(answer, method);
  };
}

async function writeAll(connection: Deno.Conn, pieces: readonly Uint8Array[]): Promise<void> {
  for (const bytes of pieces) {
    for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
  }
}

/** Reads until the server closes, or resets after a response to a request that it did not read. */
async function readAll(connection: Deno.Conn): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(256 * 1024);
  for (;;) {
    const count = await connection.read(buffer).catch(() => null);
    if (count === null) break;
    pieces.push(buffer.slice(0, count));
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function parse(bytes: Uint8Array<ArrayBuffer>, method: string): Answer {
  const end = indexOf(bytes, encoder.encode("\r\n\r\n"), 0);
  if (end === -1) throw new Error(`The server sent ${bytes.length} bytes without a whole head`);
  const [start, ...lines] = latin1.decode(bytes.subarray(0, end)).split("\r\n");
  const headers = new Headers();
  for (const line of lines) headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim());
  const status = Number(start!.split(" ")[1]);
  let body = bytes.subarray(end + 4);
  if (headers.get("transfer-encoding")?.toLowerCase() === "chunked") body = dechunked(body);
  headers.delete("transfer-encoding");
  headers.delete("connection");
  const length = headers.get("content-length");
  if (method !== "HEAD" && length !== null && Number(length) !== body.length) {
    throw new Error(`The server sent ${body.length} bytes of ${length}`);
  }
  return { status, headers, body };
}

function dechunked(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const lineEnd = encoder.encode("\r\n");
  for (let offset = 0;;) {
    const end = indexOf(bytes, lineEnd, offset);
    const size = parseInt(latin1.decode(bytes.subarray(offset, end)), 16);
    if (!(size > 0)) break;
    pieces.push(bytes.subarray(end + 2, end + 2 + size));
    offset = end + 2 + size + 2;
  }
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array, from: number): number {
  for (let i = bytes.indexOf(wanted[0]!, from); i !== -1; i = bytes.indexOf(wanted[0]!, i + 1)) {
    if (wanted.every((byte, offset) => bytes[i + offset] === byte)) return i;
  }
  return -1;
}
