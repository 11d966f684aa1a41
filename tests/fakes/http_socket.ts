/** HTTP/1.1 on a socket, for misbehaving servers: they control when each byte is read and written. */

/** The head of a request. */
export interface RequestHead {
  readonly method: string;
  /** The path and the query, as sent. */
  readonly target: string;
  readonly headers: Headers;
}

const encoder = new TextEncoder();
/** Decodes each byte to one character. */
const decoder = new TextDecoder("latin1");

/** The server side of a connection. */
export class HttpSocket {
  readonly #connection: Deno.TcpConn;
  readonly #buffer = new Uint8Array(64 * 1024);
  /** Bytes that were read but not yet consumed. */
  #unread: Uint8Array = new Uint8Array(0);
  #closed = false;

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay();
  }

  /** Whether it was closed from here. */
  get closed(): boolean {
    return this.#closed;
  }

  /** The head of the next request; `undefined` if the client has closed. */
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

  /** Reads a number of bytes of a body; fewer if the client closes. */
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

  /** Sends a head and the first bytes of its body; all of them by default. */
  async answer(status: number, headers: Headers, body: Uint8Array, bodyBytes = body.length): Promise<void> {
    const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
    await this.write(encoder.encode(`HTTP/1.1 ${status} Fault\r\n${lines.join("")}\r\n`));
    await this.write(body.subarray(0, bodyBytes));
  }

  /** Sends bytes; those that a client no longer wants are dropped. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      offset += await this.#connection.write(bytes.subarray(offset)).catch(() => Infinity); // the client has closed
    }
  }

  /** Waits until the client closes, without sending anything. */
  async untilLeft(): Promise<void> {
    while (await this.#readSome() !== undefined);
  }

  /** Closes the connection; with unread bytes the system resets it. */
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
}
