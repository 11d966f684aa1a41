import { MAX_PARTS } from "../../client/operations/multipart.ts";

/** The least size of a part, except the last one of an upload: 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** The largest object that S3 accepts in one request, and the largest part, in bytes: 5 GiB. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** The largest object, in bytes: 48.8 TiB. Source: the S3 user guide, "Amazon S3 multipart upload limits". */
export const MAX_OBJECT_BYTES = MAX_PARTS * MAX_PUT_BYTES;

/** The largest object of unknown length: 5 TiB. More would take parts of many GiB, which are kept until they are sent. */
const MAX_STREAM_BYTES = 5 * 1024 ** 4;

/** The number of parts of equal size in an upload of unknown length: 20 GiB with parts of 8 MiB. */
const PARTS_BEFORE_GROWTH = 2500;

/** The size of the parts of an upload of known length: the wanted size, or a larger one so that 10,000 parts suffice. */
export function partSizeForLength(length: number, wanted: number): number {
  return Math.max(wanted, Math.ceil(length / MAX_PARTS));
}

/**
 * The size of a part of an upload of unknown length. It grows linearly from part 2,501 on, so that 10,000 parts reach 5 TiB;
 * only uploads beyond about 20 GiB thus take more memory than configured.
 *
 * @param partNumber 1 for the first part.
 */
export function partSizeAt(partNumber: number, wanted: number): number {
  const growing = MAX_PARTS - PARTS_BEFORE_GROWTH;
  const missing = Math.max(0, MAX_STREAM_BYTES - MAX_PARTS * wanted);
  const step = Math.ceil(missing / (growing * (growing + 1) / 2));
  return wanted + Math.max(0, partNumber - PARTS_BEFORE_GROWTH) * step;
}
