import type { FileStat } from "../storage/contract/entry.ts";
import { TEXTS } from "../storage/checks/header_values.ts";

/**
 * The attributes of a file without values that headers cannot contain, which another program may have stored.
 *
 * Source: RFC 9110, section 5.5. Bytes outside ASCII are passed on unchanged.
 */
export function sendable(stat: FileStat): FileStat {
  const kept = { ...stat, etag: isSendable(stat.etag) ? stat.etag : "" };
  for (const name of TEXTS) if (!isSendable(stat[name])) kept[name] = undefined;
  return kept;
}

function isSendable(value: unknown): boolean {
  return typeof value === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}
