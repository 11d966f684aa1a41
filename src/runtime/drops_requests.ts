/** A module of its own, as only code that is loaded on demand needs it. */
import { isEdge } from "./detect.ts";

/**
 * Whether the runtime drops all that a request has begun once the request ends or its client disconnects, so that its promises
 * never settle. Edge runtimes do; browsers, which are no servers, do not.
 */
export function dropsRequests(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } };
  return isEdge() && !navigator?.userAgent?.startsWith("Mozilla/");
}
