/** The media type of files whose type is unknown. */
export const DEFAULT_CONTENT_TYPE = "application/octet-stream";
