/** Sends requests over a socket that no HTTP client would send. */

export interface RawResponse {
  /** 0 if the connection was closed without an answer. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** The limit for an answer; a slower server hangs. */
const LIMIT_MILLISECONDS = 60_000;

/** Sends bytes, and reads until the server closes the connection. */
export async function sendRaw(url: string, request: string | Uint8Array): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const timer = setTimeout(() => connection.close(), LIMIT_MILLISECONDS);
  let answer = "";
  try {
    const bytes = typeof request === "string" ? Uint8Array.from(request, (one) => one.charCodeAt(0)) : request;
    // A server may stop reading after it has refused the request.
    const sent = (async () => {
      for (let at = 0; at < bytes.byteLength;) at += await connection.write(bytes.subarray(at));
    })().catch(() => {});
    const decoder = new TextDecoder("latin1");
    for (let buffer = new Uint8Array(65536), read; (read = await connection.read(buffer)) !== null;) {
      answer += decoder.decode(buffer.subarray(0, read));
    }
    await sent;
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  } finally {
    clearTimeout(timer);
    connection.close();
  }
  const [head = "", ...body] = answer.split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const headers = new Headers(
    lines.map((line): [string, string] => [line.split(":")[0]!, line.replace(/^[^:]*:/, "")]),
  );
  return { status: Number(start.split(" ")[1] ?? 0), headers, body: body.join("\r\n\r\n") };
}
