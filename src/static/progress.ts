import type { CollectEvent, CollectOptions } from "./collect_options.ts";

/** Where a collection reports its steps. */
export type ProgressOptions = Pick<CollectOptions, "onProgress">;

/** Reports one step of a collection. */
export function report({ onProgress }: ProgressOptions, event: CollectEvent): void {
  onProgress?.(event);
}

/** Reports something to look at. */
export function warn(options: ProgressOptions, name: string, message: string): void {
  report(options, { kind: "warning", name, bytes: 0, message });
}
