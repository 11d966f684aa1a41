/** What a case of the suite is: runner-free, so that the same cases run on every runtime. */
import { assert } from "@std/assert";
import type { S3Storage, Storage } from "../../mod.ts";
import type { S3Peer } from "./s3_peer.ts";

/** The settings a case may ask for; everything else is the server's. */
export interface StorageWishes {
  readonly fileOverwrite?: boolean;
}

/** Something that any storage must do. */
export interface StorageCase {
  readonly name: string;
  /** @param open Makes a storage that is empty, and shared with nobody. */
  run(open: (wishes?: StorageWishes) => Storage): Promise<void>;
}

/** Something that S3Storage must do on any S3 server. */
export interface S3Case {
  readonly name: string;
  /** @param context The server, and how to make an empty storage on it. */
  run(context: S3Context): Promise<void>;
}

export interface S3Context {
  readonly peer: S3Peer;
  open(wishes?: StorageWishes & Record<string, unknown>): S3Storage;
}

/** The rejection of a promise, which must be an error. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    assert(error instanceof Error, "it rejected with something that is no error");
    return error;
  }
  throw new Error("it should have rejected, and did not");
}

/** Everything an async iterable yields; Node 20 has no Array.fromAsync. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Bytes that differ all along, so that a part in the wrong place is noticed. */
export function pattern(length: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** A stream of the bytes in chunks of the given size. */
export function streamOf(bytes: Uint8Array<ArrayBuffer>, chunkSize: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    pull(controller): void {
      if (offset >= bytes.byteLength) return controller.close();
      controller.enqueue(bytes.slice(offset, offset += chunkSize));
    },
  });
}

/** A promise that is settled from outside; Node 20 has no Promise.withResolvers. */
export function deferred(): { promise: Promise<void>; resolve(): void; reject(reason: unknown): void } {
  let [resolve, reject]: [() => void, (reason: unknown) => void] = [() => {}, () => {}];
  const promise = new Promise<void>((onResolve, onReject) => [resolve, reject] = [onResolve, onReject]);
  return { promise, resolve, reject };
}
