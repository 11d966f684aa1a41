// deno-lint-ignore-file no-console -- the port is passed to the runner on standard output
/**
 * An S3 server that stores nothing, in a separate process, so that its low cost is not measured.
 *
 * A key ends with the size of its object, such as `up-1024`. A GET returns this number of zeros, also in ranges, and an
 * upload of another size is refused.
 */
const ZEROS = new Uint8Array(1024 ** 2);
/** Not of the form of an MD5, which clients would compare with the bytes. */
const ETAG = '"0000000000000000"';

/** The received bytes of open uploads, by id. */
const uploads = new Map<string, number>();
let lastId = 0;

class Connection {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(256 * 1024);
  #start = 0;
  #end = 0;

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  async serve(): Promise<void> {
    for (let head = await this.#head(); head !== undefined; head = await this.#head()) await this.#answer(head);
  }

  /** Reads the next request up to its body. */
  async #head(): Promise<string | undefined> {
    for (let text = "";;) {
      const read = new TextDecoder("latin1").decode(this.#buffer.subarray(this.#start, this.#end));
      const before = text.length;
      text += read;
      const end = text.indexOf("\r\n\r\n");
      if (end !== -1) {
        this.#start += end + 4 - before;
        return text.slice(0, end);
      }
      if (!await this.#fill()) return undefined;
    }
  }

  async #fill(): Promise<boolean> {
    this.#start = 0;
    this.#end = await this.#connection.read(this.#buffer) ?? 0;
    return this.#end > 0;
  }

  async #skip(length: number): Promise<void> {
    for (let left = length;;) {
      const there = Math.min(left, this.#end - this.#start);
      this.#start += there;
      left -= there;
      if (left === 0) return;
      if (!await this.#fill()) throw new Error("The body was cut");
    }
  }

  async #answer(head: string): Promise<void> {
    const [, method, target] = /^(\S+) (\S+)/.exec(head)!;
    const url = new URL(target!, "http://server");
    const header = (name: string): string | undefined => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
    if (header("expect") !== undefined) await this.#write("HTTP/1.1 100 Continue\r\n\r\n");
    if (header("transfer-encoding") !== undefined) {
      await this.#respond(411, {}, "");
      throw new Error("A body without a length");
    }
    const length = Number(header("content-length") ?? 0);
    await this.#skip(length);
    const id = url.searchParams.get("uploadId");
    const size = Number(/(\d+)$/.exec(url.pathname)?.[1] ?? 0);
    switch (method) {
      case "PUT": {
        const payload = Number(header("x-amz-decoded-content-length") ?? length);
        if (id === null && payload !== size) return await this.#respond(400, {}, "");
        if (id !== null) uploads.set(id, uploads.get(id)! + payload);
        return await this.#respond(200, { etag: ETAG }, "");
      }
      case "POST":
        return id === null ? await this.#begin() : await this.#complete(id, size);
      case "DELETE":
        return await this.#respond(204, {}, "");
      default:
        return await this.#send(size, header("range"), method === "HEAD");
    }
  }

  async #begin(): Promise<void> {
    const id = `upload-${++lastId}`;
    uploads.set(id, 0);
    await this.#xml(
      `<InitiateMultipartUploadResult><Bucket>media</Bucket><Key>key</Key><UploadId>${id}</UploadId>` +
        "</InitiateMultipartUploadResult>",
    );
  }

  async #complete(id: string, size: number): Promise<void> {
    const received = uploads.get(id);
    uploads.delete(id);
    if (received !== size) return await this.#respond(400, {}, `<Error><Code>IncompleteBody</Code></Error>`);
    await this.#xml(
      `<CompleteMultipartUploadResult><Location>l</Location><Bucket>media</Bucket><Key>key</Key><ETag>${ETAG}</ETag>` +
        "</CompleteMultipartUploadResult>",
    );
  }

  async #xml(document: string): Promise<void> {
    await this.#respond(200, { "content-type": "application/xml" }, `<?xml version="1.0"?>${document}`);
  }

  async #send(size: number, range: string | undefined, isHead: boolean): Promise<void> {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    const start = Number(first ?? 0);
    const end = last ? Math.min(Number(last) + 1, size) : size;
    await this.#write(responseHead(first === undefined ? 200 : 206, {
      etag: ETAG,
      "content-length": `${end - start}`,
      "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
      "accept-ranges": "bytes",
      ...(first !== undefined && { "content-range": `bytes ${start}-${end - 1}/${size}` }),
    }));
    if (isHead) return;
    for (let left = end - start; left > 0;) {
      left -= await this.#connection.write(left < ZEROS.byteLength ? ZEROS.subarray(0, left) : ZEROS);
    }
  }

  async #respond(status: number, headers: Record<string, string>, body: string): Promise<void> {
    await this.#write(responseHead(status, { ...headers, "content-length": `${body.length}` }) + body);
  }

  async #write(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    for (let sent = 0; sent < bytes.byteLength;) sent += await this.#connection.write(bytes.subarray(sent));
  }
}

function responseHead(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Null\r\n${lines.join("")}\r\n`;
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`port ${listener.addr.port}`);
for await (const connection of listener) {
  connection.setNoDelay();
  new Connection(connection).serve().catch(() => {}).finally(() => connection.close());
}
