import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

/** A part of an object: from `start` up to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Parses a Range header. Like S3, it ignores invalid headers and several ranges, so that the whole object is sent. */
export function parseRange(header: string | null, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null) return undefined;
  const [, first, last] = match;
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size : Math.min(size, Number(last) + 1);
  if (start >= size) {
    throw new S3ServerError("InvalidRange", undefined, {
      RangeRequested: header ?? "",
      ActualObjectSize: `${size}`,
    }, { "content-range": `bytes */${size}` });
  }
  return { start, end };
}

/** Parses `x-amz-copy-source-range`, which must be `bytes=first-last` within the source. */
export function parseCopyRange(header: string, size: number): ByteRange {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (match === null || Number(match[1]) > Number(match[2])) {
    throw invalidArgument(
      "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based " +
        "offsets of the first and last bytes to copy",
      "x-amz-copy-source-range",
      header,
    );
  }
  const start = Number(match[1]), end = Number(match[2]) + 1;
  if (end > size) {
    throw invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      "x-amz-copy-source-range",
      header,
    );
  }
  return { start, end };
}

/** The byte range of one part of a multipart object. */
export function partRange(partNumber: number, size: number, partSizes: readonly number[] | undefined): ByteRange {
  const sizes = partSizes ?? [size];
  const length = sizes[partNumber - 1];
  if (length === undefined) {
    throw new S3ServerError("InvalidPartNumber", undefined, {
      PartNumberRequested: `${partNumber}`,
      ActualPartCount: `${sizes.length}`,
    });
  }
  const start = sizes.slice(0, partNumber - 1).reduce((total, each) => total + each, 0);
  return { start, end: start + length };
}
