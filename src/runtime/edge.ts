interface ProcessLike {
  getBuiltinModule?: unknown;
}

/**
 * Whether this is a runtime without a machine of its own: no files, and no service that knows the machine.
 *
 * Cloudflare's has a file system and process in name when told to be compatible with Node, so it is known by its own.
 */
export function isEdge(): boolean {
  const { process, navigator } = globalThis as { process?: ProcessLike; navigator?: { userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers" || typeof process?.getBuiltinModule !== "function";
}
