/** The checksum algorithms of S3 for uploads, by its names. */
export const CHECKSUM_ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;

/** One of {@linkcode CHECKSUM_ALGORITHMS}. */
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/**
 * The checksums that objects are compared with when they are read; other programs may have stored the last two. The XXHASH
 * algorithms of S3 are not among them, as no runtime computes these.
 */
export const REPORTED_ALGORITHMS = [...CHECKSUM_ALGORITHMS, "SHA512", "MD5"] as const;

/** One of {@linkcode REPORTED_ALGORITHMS}. */
export type ReportedAlgorithm = (typeof REPORTED_ALGORITHMS)[number];
