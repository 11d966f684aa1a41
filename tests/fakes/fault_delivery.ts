/** Responses that are damaged or sent in an unusual form. */
import type { Answer } from "./fault_answers.ts";
import type { Fault } from "./fault_plan.ts";
import type { HttpSocket, RequestHead } from "./http_socket.ts";

/** The state of a connection after a response. */
export type Delivered = "open" | "closed" | "silent";

const encoder = new TextEncoder();

/** More than any runtime accepts for the headers of one response. */
const HUGE_HEADER_BYTES = 400_000;

/** The pieces of an answer that arrives slowly, and the pause after each of them. */
const DRIPS = 12;
const DRIP_MILLISECONDS = 15;

/** Sends a response as it is; the length is that of its body. */
export async function send(socket: HttpSocket, { method }: RequestHead, answer: Answer, part = 1): Promise<"open"> {
  const { status, headers } = answer;
  const body = method === "HEAD" ? new Uint8Array(0) : answer.body;
  if (method !== "HEAD" && status !== 204 && status !== 304) headers.set("content-length", String(body.length));
  await socket.answer(status, headers, body, Math.min(Math.floor(body.length * part), body.length));
  return "open";
}

/** Sends a response with a fault of its transmission; one without such a fault as it is. */
export async function deliver(
  socket: HttpSocket,
  head: RequestHead,
  answer: Answer,
  { kind, amount }: Fault,
): Promise<Delivered> {
  const { status, headers } = answer;
  const body = head.method === "HEAD" || status === 204 || status === 304 ? new Uint8Array(0) : answer.body;
  const write = async (text: string, bytes?: Uint8Array): Promise<void> => {
    await socket.write(encoder.encode(text));
    if (bytes !== undefined) await socket.write(bytes);
  };
  const plain = [...headers].filter(([name]) => name !== "content-length" && name !== "connection");
  const lines = plain.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = body.length > 0 || head.method !== "HEAD" && status !== 204
    ? `content-length: ${body.length}\r\n`
    : headers.has("content-length")
    ? `content-length: ${headers.get("content-length")}\r\n`
    : "";
  const whole = `HTTP/1.1 ${status} Fault\r\n${lines}${length}\r\n`;
  const cut = Math.floor(body.length * amount);
  switch (kind) {
    case "truncated":
      await send(socket, head, answer, amount);
      return "closed";
    case "stalled":
      // An answer without a body would be complete, and its connection reused.
      if (body.length > 0) await send(socket, head, answer, Math.min(amount, 1 - 1 / body.length));
      return "silent";
    case "garbage":
      await write("SSH-2.0-OpenSSH_9.6\r\n");
      return "closed";
    case "hugeHead":
      await write(
        `HTTP/1.1 ${status} Fault\r\n${lines}x-huge: ${"x".repeat(HUGE_HEADER_BYTES)}\r\n${length}\r\n`,
        body,
      );
      return "closed";
    case "halfHead":
      await write(whole.slice(0, Math.floor((whole.length - 3) * amount)));
      return "closed";
    case "stalledHead":
      await write(whole.slice(0, Math.floor((whole.length - 3) * amount)));
      return "silent";
    case "slowDrip":
      return await drip(socket, encoder.encode(whole), body);
    case "longLength":
      await write(`HTTP/1.1 ${status} Fault\r\n${lines}content-length: ${body.length + 1 + cut}\r\n\r\n`, body);
      return "closed";
    case "shortLength":
      await write(`HTTP/1.1 ${status} Fault\r\n${lines}content-length: ${Math.max(0, body.length - 1)}\r\n\r\n`, body);
      return "open";
    case "http10":
      await write(`HTTP/1.0 ${status} Fault\r\n${lines}\r\n`, body);
      return "closed";
    case "interim":
      await write(amount < 0.5 ? "HTTP/1.1 100 Continue\r\n\r\n" : "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
      await write(whole, body);
      return "open";
    case "chunked":
    case "brokenChunks":
    case "cutChunks":
      await write(`HTTP/1.1 ${status} Fault\r\n${lines}transfer-encoding: chunked\r\n\r\n`);
      if (cut > 0) await write(`${cut.toString(16)};extension="1"\r\n`, body.subarray(0, cut));
      if (cut > 0) await write("\r\n");
      if (kind === "cutChunks") return "closed";
      if (kind === "brokenChunks") await write("xyz\r\n", body.subarray(cut));
      else if (cut < body.length) await write(`${(body.length - cut).toString(16)}\r\n`, body.subarray(cut));
      await write(`${cut < body.length ? "\r\n" : ""}0\r\nx-trailer: 1\r\n\r\n`);
      return kind === "chunked" ? "open" : "closed";
    case "gzipped": {
      const packed = await gzipped(body);
      const lengths = `content-encoding: gzip\r\ncontent-length: ${packed.length}\r\n`;
      await write(`HTTP/1.1 ${status} Fault\r\n${lines}${lengths}\r\n`, packed);
      return "open";
    }
    case "oddHead":
      await write(`HTTP/1.1 ${status}\r\n${lines.replaceAll(/^[^:]+/gm, (name) => name.toUpperCase())}`);
      await write(`${length}${length}\r\n`, body);
      return "open";
    default:
      await send(socket, head, answer);
      return kind === "closedIdle" ? "closed" : "open";
  }
}

/** Sends an answer in small pieces with pauses. */
async function drip(socket: HttpSocket, head: Uint8Array, body: Uint8Array): Promise<"open"> {
  for (const bytes of [head, body]) {
    const size = Math.ceil(bytes.length / DRIPS) || 1;
    for (let offset = 0; offset < bytes.length; offset += size) {
      await socket.write(bytes.subarray(offset, offset + size));
      await new Promise((resolve) => setTimeout(resolve, DRIP_MILLISECONDS));
    }
  }
  return "open";
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
