import { contentDisposition } from "../kit/text/content_disposition.ts";
import type { ServeOptions } from "./serve_options.ts";

/** The Content-Disposition of the options; `undefined` if they do not set one. */
export function dispositionOf(
  name: string,
  { disposition, downloadName }: Pick<ServeOptions, "disposition" | "downloadName">,
): string | undefined {
  const type = disposition ?? (downloadName === undefined ? undefined : "attachment");
  return type && contentDisposition(type, downloadName ?? name.slice(name.lastIndexOf("/") + 1));
}
