import type { ByteSource } from "../contract/bytes.ts";
import type { DownloadOptions, TransferProgress } from "../contract/options.ts";

/** A source that reports the progress of a download: of a backend that does not do that itself. */
export function reporting(source: ByteSource, onProgress: NonNullable<DownloadOptions["onProgress"]>): ByteSource {
  const { start: first, end: last } = source.part ?? { start: 0, end: source.stat.size };
  const total = Math.max(0, last - first);
  let bytes = 0;
  const report = (): void => onProgress({ bytes, parts: Number(bytes === total), total } satisfies TransferProgress);
  if (total === 0) report(); // an empty object produces no chunk
  return {
    stat: source.stat,
    ...(source.part === undefined ? {} : { part: source.part }),
    describe: (options) => source.describe?.(options) ?? Promise.resolve(source.stat),
    open: async (start, end) => {
      let position = start;
      const counting = new TransformStream<Uint8Array, Uint8Array>(
        {
          transform(chunk, controller): void {
            position += chunk.byteLength;
            controller.enqueue(chunk);
            // Progress never decreases, also if bytes are read again.
            bytes = Math.max(bytes, Math.min(position - first, total));
            report();
          },
        },
        undefined,
        { highWaterMark: 0 },
      );
      return (await source.open(start, end)).pipeThrough(counting);
    },
    close: () => source.close(),
  };
}

/** Reports only increasing progress: a write that restarts under another name starts at 0. */
export function increasingOnly(
  report: (progress: TransferProgress) => void,
): (progress: TransferProgress) => void {
  let reported = 0;
  return (progress) => {
    if (progress.bytes >= reported) report({ ...progress, bytes: reported = progress.bytes });
  };
}
