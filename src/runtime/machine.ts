import type { ConnectionOptions, Transport, TransportOptions } from "./transport/transport.ts";

/** A temporary file: its bytes are appended, and read in any order. */
export interface TempBytes {
  /** In bytes. */
  readonly size: number;
  append(bytes: Uint8Array): Promise<void>;
  /** Reads the bytes from `start` to `end`, or to the end of the file. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The content as a body for `fetch`, which may be sent several times until the file is closed. */
  blob(): Blob;
  /** Closes the file, which frees its space. */
  close(): Promise<void>;
}

/** What a machine has and an edge runtime lacks: files, and connections of another kind than those of `fetch`. */
export interface Machine {
  /** Whether the runtime has a disk for temporary files. */
  hasTempFiles(): boolean;
  /** @throws {ConfigurationError} If the permission to create temporary files is missing. */
  checkTempFiles(setting: string): void;
  /** @throws {ConfigurationError} If an option is malformed or not supported. */
  createTransport(options: TransportOptions): Transport | undefined;
  /** Loads the code that few programs need. */
  load(): Promise<MachineCode>;
}

/** What is loaded on demand. */
export interface MachineCode {
  /** @throws {DiskError} If the file cannot be created. */
  createTempFile(): Promise<TempBytes>;
  /**
   * Makes a function that writes a stream to a file, and returns the number of bytes.
   *
   * @throws {NotSupportedError} If the runtime has no files.
   */
  fileWriter(target: string | URL): (stream: ReadableStream<Uint8Array>) => Promise<number>;
  /** Returns a transport that sends a large body faster than `fetch`, if there is one. */
  bulkTransport(url: string, body: unknown): Transport | undefined;
  /** Returns the response to a HEAD request with all headers, of which `fetch` may remove some. */
  completeHead(response: Response, url: string, init: RequestInit): Promise<Response>;
  /** A transport with checked options. */
  configuredTransport(options: ConnectionOptions): Transport;
}
