/** The names of the options of each call, which refuses all others. A test compares them with the interfaces. */

export const STORAGE_OPTIONS = ["location", "fileOverwrite", "gzip", "maxMemorySize", "waitUntil"] as const;

export const CALL_OPTIONS = ["signal"] as const;

const ATTRIBUTES = [
  "contentType",
  "contentEncoding",
  "cacheControl",
  "contentDisposition",
  "contentLanguage",
  "metadata",
] as const;

export const DOWNLOAD_OPTIONS = [...CALL_OPTIONS, "decompress", "partSize", "maxConcurrency", "onProgress"] as const;

export const READ_OPTIONS = [...DOWNLOAD_OPTIONS, "spool", "start", "end", "lazy"] as const;

export const WRITE_OPTIONS = [
  ...CALL_OPTIONS,
  ...ATTRIBUTES,
  "onExisting",
  "ifMatch",
  "ifNoneMatch",
  "onProgress",
  "deleteOnAbort",
  "waitUntil",
] as const;

export const SAVE_OPTIONS = [...WRITE_OPTIONS, "maxLength", "details", "identify"] as const;

export const COPY_OPTIONS = [...CALL_OPTIONS, ...ATTRIBUTES, "onExisting"] as const;

export const COPY_TO_OPTIONS = [...COPY_OPTIONS, "name"] as const;

export const DELETE_OPTIONS = [...CALL_OPTIONS, "ifMatch"] as const;

export const LIST_OPTIONS = [
  ...CALL_OPTIONS,
  "recursive",
  "prefix",
  "startAfter",
  "limit",
  "onOmitted",
] as const;

export const NAME_OPTIONS = [...CALL_OPTIONS, "maxLength", "onExisting"] as const;

export const URL_OPTIONS = [
  ...CALL_OPTIONS,
  "expiresIn",
  "parameters",
  "window",
  "mayExpireEarlier",
  "method",
  "downloadName",
] as const;

/** What other libraries call these options. */
export const SYNONYMS = "ttl:expiresIn expires:expiresIn expiry:expiresIn overwrite:onExisting replace:onExisting " +
  "queuesize:maxConcurrency concurrency:maxConcurrency maxkeys:limit pagesize:limit offset:start,startAfter cursor:startAfter " +
  "marker:startAfter range:start tags:tagging " +
  "type:contentType mime:contentType mimetype:contentType abortsignal:signal";
