/** Whether an encoding is gzip alone. Some services store the `aws-chunked` of the transfer in front of it. */
export function isGzip(contentEncoding: string | undefined): boolean {
  return /^(aws-chunked,\s*)?(x-)?gzip$/i.test(contentEncoding ?? "");
}

/** Whether an encoding is Brotli alone. */
export function isBrotli(contentEncoding: string | undefined): boolean {
  return /^(aws-chunked,\s*)?br$/i.test(contentEncoding ?? "");
}
