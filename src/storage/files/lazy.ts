import type { ByteSink, ByteSource } from "../contract/bytes.ts";
import type { decompressed } from "./decompressed.ts";
import type { WriteOptions } from "../contract/options.ts";

/** Refuses values that no header can carry, and ETags as ifNoneMatch. The rule is loaded only where options need it. */
export function checkDescription(action: string, name: string, options: WriteOptions): Promise<void> | undefined {
  if (!/content|cache|meta|None/.test(Object.keys(options).join())) return undefined;
  return import("../checks/header_values.ts").then((rule) =>
    rule.checkDescription(`Cannot ${action} '${name}'`, options)
  );
}

/** Whether an encoding is gzip or Brotli alone. Some services store the `aws-chunked` of the transfer in front of it. */
export function isPacked(contentEncoding = ""): boolean {
  return /^(aws-chunked,\s*)?((x-)?gzip|br)$/i.test(contentEncoding);
}

/** A sink that is loaded with the first bytes: content that is complete needs none. */
export function lazySink(load: () => Promise<ByteSink>): ByteSink {
  const failure = new AbortController();
  let sink: ByteSink | undefined;
  let loading: Promise<ByteSink> | undefined;
  const loaded = (): Promise<ByteSink> =>
    loading ??= load().then((made) => {
      const { failed } = made;
      failed?.addEventListener("abort", () => failure.abort(failed.reason), { once: true });
      return sink = made;
    });
  return {
    failed: failure.signal,
    write: (chunk) => sink === undefined ? loaded().then((sink) => sink.write(chunk)) : sink.write(chunk),
    close: async () => await (await loaded()).close(),
    abort: async (reason) => await (await loading?.catch(() => undefined))?.abort(reason),
  };
}

/** A source of the decompressed bytes of an object. */
export async function decompressing(...how: Parameters<typeof decompressed>): Promise<ByteSource> {
  return (await import("./decompressed.ts")).decompressed(...how);
}

/** A source that keeps the bytes that were read. */
export async function spooling(source: ByteSource, maxMemorySize: number): Promise<ByteSource> {
  const { spooledSource } = await import("./spooled_source.ts");
  return spooledSource(source, maxMemorySize);
}
