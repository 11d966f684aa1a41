import { builtin } from "../builtin.ts";
import type { Disk, DiskHandle } from "./disk.ts";
import type { ExactStats, FolderEntry, NodeFs, NodeFsPromises } from "./node_fs.ts";

/** The synchronous functions of `node:fs` that do the work of a disk. */
interface BlockingFs extends Pick<NodeFs, "read" | "write" | "closeSync" | "readSync"> {
  lstatSync(path: string, options: { bigint: true; throwIfNoEntry: false }): ExactStats | undefined;
  fstatSync(fd: number, options: { bigint: true }): ExactStats;
  readdirSync(path: string, options: { withFileTypes: true }): FolderEntry[];
  mkdirSync(path: string, options: { recursive: true }): unknown;
  openSync(path: string | URL, flags: string, mode?: number): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  renameSync(from: string | URL, to: string | URL): void;
}

/** Larger pieces are read and written without blocking. */
const MAX_BLOCKING_BYTES = 64 * 1024;

/** The time of a call from which waiting would have been faster: other calls can wait at the same time. */
const SLOW_MILLISECONDS = 1;

/** So many more slow calls than fast ones show that a disk is slow. A few slow ones only show that the machine is busy. */
const MAX_SLOW_CALLS = 16;

/**
 * A disk whose short operations block the thread. Waiting for one takes longer than the operation: on Deno 2.9 `lstat` takes
 * 52 µs of processor time and `lstatSync` 14, on Node 20 47 and 5. On a disk that turns out to be slow, such as one in a
 * network, operations do not block.
 */
export function blockingDisk(disk: Disk): Disk {
  const fs = builtin<BlockingFs>("node:fs");
  return fs === undefined ? disk : new BlockingDisk(fs, disk as NodeFsPromises).disk;
}

class BlockingDisk {
  readonly #fs: BlockingFs;
  readonly #promises: NodeFsPromises;
  #slowCalls = 0;

  constructor(fs: BlockingFs, promises: NodeFsPromises) {
    this.#fs = fs;
    this.#promises = promises;
  }

  get disk(): Disk {
    const fs = this.#fs;
    const promises = this.#promises;
    return {
      ...promises,
      lstat: (path, options) => this.#run(() => this.#lstat(path), () => promises.lstat(path, options)),
      readdir: (path, options) => this.#run(() => fs.readdirSync(path, options), () => promises.readdir(path, options)),
      mkdir: (path, options) => this.#run(() => fs.mkdirSync(path, options), () => promises.mkdir(path, options)),
      rename: (from, to) => this.#run(() => fs.renameSync(from, to), () => promises.rename(from, to)),
      open: (path, flags, mode) =>
        this.#run<DiskHandle>(
          () => this.#handle(fs.openSync(path, flags, mode)),
          () => promises.open(path, flags, mode),
        ),
    };
  }

  /** @param wait Does the same without blocking, where that is possible. */
  async #run<T>(block: () => T, wait?: () => Promise<T>): Promise<T> {
    if (wait !== undefined && this.#slowCalls === MAX_SLOW_CALLS) return await wait();
    const begun = performance.now();
    try {
      return block();
    } finally {
      const isSlow = performance.now() - begun > SLOW_MILLISECONDS;
      this.#slowCalls = Math.max(0, this.#slowCalls + (isSlow ? 1 : -1));
    }
  }

  /** Most paths that are looked up do not exist, and creating the error takes longer than looking. */
  #lstat(path: string): ExactStats {
    const stats = this.#fs.lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (stats !== undefined) return stats;
    const message = `ENOENT: no such file or directory, lstat '${path}'`;
    throw Object.assign(new Error(message), { code: "ENOENT", syscall: "lstat", path });
  }

  #handle(fd: number): DiskHandle {
    const fs = this.#fs;
    let isOpen = true;
    return {
      stat: (options) => this.#run(() => fs.fstatSync(fd, options)),
      read: async (...[bytes, offset, length, position]) => ({
        bytesRead: length <= MAX_BLOCKING_BYTES
          ? fs.readSync(fd, bytes, offset, length, position)
          : await counted((done) => fs.read(fd, bytes, offset, length, position, done)),
      }),
      write: async (...[bytes, offset, length, position]) => ({
        bytesWritten: length <= MAX_BLOCKING_BYTES
          ? fs.writeSync(fd, bytes, offset, length, position)
          : await counted((done) => fs.write(fd, bytes, offset, length, position, done)),
      }),
      // A number that was closed may belong to another file.
      close: () =>
        this.#run(() => {
          if (isOpen) fs.closeSync(fd);
          isOpen = false;
        }),
    };
  }
}

/** The number of bytes that a function of `node:fs` passes to its callback. */
function counted(begin: (done: (error: Error | null, byteLength: number) => void) => void): Promise<number> {
  return new Promise((resolve, reject) => begin((error, byteLength) => error ? reject(error) : resolve(byteLength)));
}
