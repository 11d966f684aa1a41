/** HTTP/1.1 on a bare socket, for servers that misbehave: each byte is read and written when they say so, or never. */

/** A request's head. */
export interface RequestHead {
  readonly method: string;
  /** The path and the query, as they were sent. */
  readonly target: string;
  readonly headers: Headers;
}

const encoder = new TextEncoder();
/** A character for each byte. */
const decoder = new TextDecoder("latin1");

/** The server's side of one connection. */
export class HttpSocket {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);
  /** What was read and not yet asked for. */
  #unread: Uint8Array = new Uint8Array(0);
  #closed = false;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay();
  }

  /** The next request's head; `undefined` where the client has left. */
  async readHead(): Promise<RequestHead | undefined> {
    let text = "";
    for (;;) {
      const bytes = await this.#readSome();
      if (bytes === undefined) return undefined;
      text += decoder.decode(bytes);
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) continue;
      this.#unread = bytes.slice(bytes.length - (text.length - end - 4));
      const [start, ...lines] = text.slice(0, end).split("\r\n");
      const [method, target] = start!.split(" ") as [string, string];
      const headers = new Headers();
      for (const line of lines) headers.append(line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1));
      return { method, target, headers };
    }
  }

  /** So many bytes of a body, fewer where the client breaks off. */
  async readBody(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const body = new Uint8Array(length);
    for (let offset = 0; offset < length;) {
      const bytes = await this.#readSome();
      if (bytes === undefined) return body.subarray(0, offset);
      const taken = Math.min(bytes.length, length - offset);
      body.set(bytes.subarray(0, taken), offset);
      this.#unread = bytes.slice(taken);
      offset += taken;
    }
    return body;
  }

  /** Sends a head and the first bytes of its body: all of them, if nothing else is said. */
  async answer(status: number, headers: Headers, body: Uint8Array, bodyBytes = body.length): Promise<void> {
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    await this.#write(encoder.encode(`HTTP/1.1 ${status} Fault\r\n${lines.join("")}\r\n`));
    await this.#write(body.subarray(0, bodyBytes));
  }

  /** Waits until the client has left, and says nothing. */
  async untilLeft(): Promise<void> {
    while (await this.#readSome() !== undefined);
  }

  /** Closes the connection; with bytes of the client unread the system resets it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection.close();
  }

  async #readSome(): Promise<Uint8Array | undefined> {
    const unread = this.#unread;
    this.#unread = new Uint8Array(0);
    if (unread.length > 0) return unread;
    try {
      const count = await this.#connection.read(this.#buffer);
      return count === null ? undefined : this.#buffer.subarray(0, count);
    } catch {
      return undefined; // reset by the client, or closed from here
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      offset += await this.#connection.write(bytes.subarray(offset)).catch(() => Infinity); // nobody listens any more
    }
  }
}
