import { MAX_PARTS } from "../../client/operations/multipart.ts";

/** S3's limit for a part from below, the last one of an upload excepted: 5 MiB. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** S3's limit for an object, in bytes: 5 TiB. */
export const MAX_OBJECT_BYTES = 5 * 1024 ** 4;

/** What S3 takes in one request at the most, in bytes: 5 GiB. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** Up to here parts of an upload of unknown length keep their size: 20 GiB with parts of 8 MiB. */
const PARTS_BEFORE_GROWTH = 2500;

/** The size of every part of an upload whose length is known: the wanted size, or what 10,000 parts need. */
export function partSizeForLength(length: number, wanted: number): number {
  return Math.max(wanted, Math.ceil(length / MAX_PARTS));
}

/**
 * The size of a part when nobody knows how many will follow. It grows evenly from the 2,501st part on, just so far
 * that 10,000 parts reach 5 TiB; so only uploads beyond some 20 GiB take more memory than they were given.
 *
 * @param partNumber 1 for the first part.
 */
export function partSizeAt(partNumber: number, wanted: number): number {
  const growing = MAX_PARTS - PARTS_BEFORE_GROWTH;
  const missing = Math.max(0, MAX_OBJECT_BYTES - MAX_PARTS * wanted);
  const step = Math.ceil(missing / (growing * (growing + 1) / 2));
  return wanted + Math.max(0, partNumber - PARTS_BEFORE_GROWTH) * step;
}
