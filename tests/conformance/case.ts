/** The cases of the suite. They use no test runner, so that they run on every runtime. */
import { assert } from "@std/assert";
import type { S3Storage, Storage } from "../../mod.ts";
import type { S3Peer } from "./s3_peer.ts";

/** The settings that a case may choose; the server determines the others. */
export interface StorageWishes {
  readonly fileOverwrite?: boolean;
  readonly location?: string;
}

/** A behaviour of any storage. */
export interface StorageCase {
  readonly name: string;
  /** @param open Creates an empty storage for this case alone. */
  run(open: (wishes?: StorageWishes) => Storage): Promise<void>;
}

/** A behaviour of S3Storage on any S3 server. */
export interface S3Case {
  readonly name: string;
  /** @param context The server, and a function that creates an empty storage on it. */
  run(context: S3Context): Promise<void>;
}

export interface S3Context {
  readonly peer: S3Peer;
  open(wishes?: StorageWishes & Record<string, unknown>): S3Storage;
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    assert(error instanceof Error, "it rejected with something that is no error");
    return error;
  }
  throw new Error("it should have rejected, and did not");
}

/** All values of an async iterable; Node 20 has no Array.fromAsync. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Bytes without a short period, so that a misplaced part is noticed. */
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
