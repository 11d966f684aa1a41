/** The runtime and the system that this code runs on. Every function looks when it is called, none at import time. */
import type { Machine } from "./machine.ts";

interface Globals {
  readonly Deno?: unknown;
  readonly Bun?: unknown;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { readonly platform?: string; getBuiltinModule?: unknown };
}

const globals = globalThis as Globals;

/** Whether this is Deno. */
export function isDeno(): boolean {
  return "Deno" in globalThis;
}

/** Whether this is Bun. */
export function isBun(): boolean {
  return "Bun" in globalThis;
}

/** Whether this is Cloudflare's workerd. With Node compatibility it has `process` and files too, but in name only. */
export function isCloudflare(): boolean {
  return globals.navigator?.userAgent === "Cloudflare-Workers";
}

/** Whether this is an edge runtime: without files, processes, and a metadata service of the machine. */
export function isEdge(): boolean {
  return isCloudflare() || typeof globals.process?.getBuiltinModule !== "function";
}

/** What the runtime calls itself in the header `User-Agent`; Node 20 has no `navigator`. */
export function userAgent(): string {
  return globals.navigator?.userAgent ?? "node";
}

/**
 * Whether `fetch` may answer from an HTTP cache: in the pages and workers of browsers. Only these understand the option
 * `cache` alike: workerd at a compatibility date of 2024-01-01 throws for it.
 */
export function hasHttpCache(): boolean {
  return userAgent().startsWith("Mozilla/");
}

/** Whether paths, names and command lines follow the rules of Windows. */
export function isWindows(): boolean {
  return globals.process?.platform === "win32";
}

/** Deno's own API, typed with what the caller uses; `undefined` on other runtimes. */
export function denoApi<Api>(): Api | undefined {
  return globals.Deno as Api | undefined;
}

/** Bun's own API, typed with what the caller uses; `undefined` on other runtimes. */
export function bunApi<Api>(): Api | undefined {
  return globals.Bun as Api | undefined;
}

/**
 * The files and connections of a machine. Each entry with a storage sets the members when it is loaded, so that no other
 * code imports what `@storages/s3/edge` omits: `files/use_files.ts` and `transport/use_transports.ts` set the real ones.
 */
export const machine = {} as Machine;
