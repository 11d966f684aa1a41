import type { WriteOptions } from "../contract/options.ts";
import type { ByteSource } from "./read_file.ts";
import type { ByteSink } from "./write_file.ts";

/** Refuses what no header could carry when the file is served. The rule is loaded where options describe a file. */
export function checkDescription(action: string, name: string, options: WriteOptions): Promise<void> | undefined {
  if (!/content|cache|meta/.test(Object.keys(options).join())) return undefined;
  return import("../contract/header_values.ts").then((rule) =>
    rule.checkDescription(`Cannot ${action} '${name}'`, options)
  );
}

/** Whether it says gzip and nothing else; some services keep the mark of a transfer in front of it. */
export function isGzip(contentEncoding: string | undefined): boolean {
  return /^(aws-chunked,\s*)?(x-)?gzip$/i.test(contentEncoding ?? "");
}

/** The sink with gzip before it. What compresses is loaded with the first bytes, so that only those who use it carry it. */
export function compressing(sink: ByteSink): ByteSink {
  let loading: Promise<ByteSink> | undefined;
  const load = (): Promise<ByteSink> => loading ??= import("./gzip.ts").then(({ gzipSink }) => gzipSink(sink));
  return {
    failed: sink.failed,
    write: async (chunk) => await (await load()).write(chunk),
    close: async () => await (await load()).close(),
    abort: (reason) => sink.abort(reason),
  };
}

/** A sink that is loaded with the first bytes: whole content is stored without one. */
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

/** The source of what a source has as gzip. */
export async function decompressing(source: ByteSource): Promise<ByteSource> {
  const { gunzipSource } = await import("./gunzip.ts");
  return gunzipSource(source);
}

/** The source with what was read of it kept. */
export async function spooling(source: ByteSource, maxMemorySize: number): Promise<ByteSource> {
  const { spooledSource } = await import("./spooled_source.ts");
  return spooledSource(source, maxMemorySize);
}
