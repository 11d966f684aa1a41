import { isStorageError } from "../errors.ts";
import { holding } from "../kit/async/hold.ts";
import { SIGNATURE_BYTES } from "../kit/bytes/file_signature.ts";
import { NORMALIZATIONS, normalized } from "../kit/text/normalization.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkRequest } from "../kit/values/request.ts";
import { checkStorage } from "../storage/checks/check_storage.ts";
import { checkDescription } from "../storage/checks/header_values.ts";
import { onExistingOf } from "../storage/checks/on_existing.ts";
import { firstBytes, lacksCharset, PEEKED_BYTES, withCharset } from "../storage/content/charset.ts";
import { peekChunks } from "../storage/files/peek_chunks.ts";
import type { Storage } from "../storage/storage.ts";
import { acceptType, checkAccept } from "./accepted_type.ts";
import { isCrossOrigin } from "./cross_origin.ts";
import { FormClock, TIME_LIMITS, type TimeLimits } from "./form_clock.ts";
import { FormFiles } from "./form_files.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { type FormLimits, type FormPart, readForm } from "./form_reader.ts";
import { checkOriginalName } from "./original_name.ts";
import { UploadError } from "./upload_error.ts";
import {
  SAVED_ATTRIBUTES,
  type StoredUpload,
  UPLOAD_OPTIONS,
  type UploadOptions,
  type UploadResult,
} from "./upload_options.ts";

/** The default limits. */
const LIMITS: FormLimits & TimeLimits = {
  ...TIME_LIMITS,
  maxFileBytes: Infinity,
  maxTotalBytes: 1024 ** 3,
  maxFiles: 100,
  maxFields: 1000,
  maxFieldBytes: 2.5 * 1024 ** 2,
};

/**
 * Stores the files of a form (multipart/form-data) as they arrive. Only the part of a file that the storage is writing is in
 * memory, and the request is read no faster than the storage writes.
 *
 * A form that fails leaves no files and no multipart uploads, even if the client disconnects or the storage's response is
 * lost. Only files that the form itself stored are deleted, unless another writer has replaced them. After a failure up to
 * 16 MiB more of the form are read, for at most 10 seconds, so that a client that is still sending receives the response. A
 * client with more to send may find the connection closed instead, and a proxy that has more to send answers 502: limit the
 * size of forms in the proxy too, with nginx's `client_max_body_size` for example. A client that sends nothing for
 * `idleTimeout` seconds, or a form that takes `totalTimeout` seconds, fails with 408.
 *
 * A form that a browser sends from another site is refused, and nothing of it is parsed, by the rules of
 * {@linkcode isCrossOrigin}.
 *
 * Source: the FileUploadView of the django-storages documentation; for limits, Django's upload settings.
 *
 * @param storage The storage of the files.
 * @param request The request; its body must be unread.
 * @param options Which files are accepted, how they are named and stored, and limits.
 * @returns The fields and the stored files.
 * @throws {UploadError} If the form is invalid or not accepted; `toResponse()` makes the response.
 * @throws {StorageError} For errors of the storage.
 * @throws {RangeError} If a limit is not a number of 0 or more, or a timeout not a number above 0.
 * @throws {TypeError} If the request's body was already read, an option is unknown or has an unknown value, or
 * `allowedOrigins` has an item that is not an origin.
 *
 * @example
 * ```ts
 * import { handleUpload, UploadError } from "@storages/s3/upload";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * const body = new FormData();
 * body.set("file", new File(["#!/bin/sh"], "picture.png"));
 * const request = new Request("https://example.com/upload", { method: "POST", body });
 * const error = await assertRejects(() => handleUpload(storage, request, { accept: ["image/*"] }), UploadError);
 * assertEquals(error.status, 415);
 * ```
 */
export async function handleUpload(
  storage: Storage,
  request: Request,
  options: UploadOptions = {},
): Promise<UploadResult> {
  const limits = checkCall(storage, request, options);
  const { waitUntil = storage.waitUntil } = options;
  const store = (): Promise<UploadResult> => storeForm(storage, request, options, limits);
  return await (waitUntil === undefined ? store() : holding(waitUntil, store));
}

/** Stores the files of a form, after the arguments were checked. */
async function storeForm(
  storage: Storage,
  request: Request,
  options: UploadOptions,
  limits: FormLimits & TimeLimits,
): Promise<UploadResult> {
  checkUnread(request);
  const refusal = isCrossOrigin(request, options.allowedOrigins)
    ? new UploadError("CrossOrigin", "Cannot accept form: it was sent from another site, which may not upload here")
    : undefined;
  const { allOrNothing = true } = options;
  const fields = new URLSearchParams();
  const files: StoredUpload[] = [];
  const stored = new FormFiles(storage);
  const clock = new FormClock(limits, options.signal);
  const timed = { ...options, signal: clock.signal };
  try {
    for await (const part of readForm(request, limits, { clock, signal: options.signal, refusal })) {
      clock.signal.throwIfAborted();
      if (part.kind === "field") fields.append(part.name, part.value);
      else {
        const file = await storeFile(storage, part, fields, timed, stored);
        if (file !== undefined) files.push(file);
      }
    }
    return { fields, files };
  } catch (thrown) {
    clock.end(); // else a limit could expire while the files are deleted
    const error = asUploadError(thrown, clock.expired);
    const left = allOrNothing
      ? await stored.deleteAll().catch((cleanup) => {
        throw new AggregateError([error, cleanup], "The upload failed, and its stored files could not be deleted");
      })
      : undefined;
    if (error instanceof UploadError) error.stored = files.filter(({ name }) => left?.has(name) ?? true);
    throw error;
  } finally {
    clock.end();
  }
}

/** The name of a file that has none: browsers name a `Blob` so. */
const NAMELESS = "blob";

/** Stores a file; `undefined` for an empty file input. */
async function storeFile(
  storage: Storage,
  part: FormPart & { kind: "file" },
  fields: URLSearchParams,
  options: UploadOptions,
  stored: FormFiles,
): Promise<StoredUpload | undefined> {
  const { head, chunks } = await peekChunks(part.chunks, SIGNATURE_BYTES);
  if (part.fileName === "" && head.byteLength === 0) return undefined;
  // Converted first, as some characters become dots or slashes.
  const originalName = checkOriginalName(normalized(part.fileName || NAMELESS, options.normalization));
  const contentType = acceptType({ originalName, declared: part.contentType, head }, options.accept);
  const file = { fieldName: part.name, originalName, contentType };
  const { name: choose, signal } = options;
  const chosen = choose && await unlessAborted(signal, async () => await choose({ ...file, fields }));
  const wanted = chosen ?? storage.generateFilename(originalName);
  if (typeof wanted !== "string") throw invalidValue("the option name must return a string", wanted);
  let size = 0;
  const described = await describeText(contentType, chunks, options);
  const counted = (async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of described.chunks) {
      size += chunk.byteLength;
      yield chunk;
    }
  })();
  const name = await save(storage, wanted, counted, described.contentType, options, stored);
  return { ...file, name, size };
}

/** The type to store, with the charset of text whose first bytes show it. */
async function describeText(
  contentType: string,
  chunks: AsyncIterable<Uint8Array>,
  { save }: UploadOptions,
): Promise<{ readonly contentType: string; readonly chunks: AsyncIterable<Uint8Array> }> {
  if (save?.contentEncoding || !lacksCharset(contentType)) return { contentType, chunks };
  const { head, chunks: all } = await peekChunks(chunks, PEEKED_BYTES + 1);
  return { contentType: withCharset(contentType, firstBytes(head)), chunks: all };
}

/** Stores a file as `onExisting` requires, and returns its name. */
async function save(
  storage: Storage,
  wanted: string,
  content: AsyncIterable<Uint8Array>,
  contentType: string,
  { onExisting = "rename", save, signal, allOrNothing = true }: UploadOptions,
  stored: FormFiles,
): Promise<string> {
  if (onExisting !== "rename") {
    const name = await storage.getAvailableName(wanted, { onExisting, signal });
    // Checked early, since the upload may be long; the write itself has the precondition.
    if (onExisting === "refuse" && await storage.exists(name, { signal })) throw alreadyExists(name);
    if (onExisting === "replace" && allOrNothing) await stored.deleteOwn(name);
  }
  const saved = await storage.save(wanted, content, { ...save, contentType, signal, onExisting, identify: true });
  stored.add(saved); // before anything else can fail
  return saved.name;
}

function alreadyExists(name: string): UploadError {
  return new UploadError("AlreadyExists", `File already exists: ${name}`);
}

/**
 * Converts errors that the client caused to an UploadError.
 *
 * @param expired The error for a time limit that was exceeded. The storage may report the abort by an error of its own.
 */
function asUploadError(error: unknown, expired: UploadError | undefined): unknown {
  if (expired !== undefined) {
    if (error !== expired) expired.cause = error;
    return expired;
  }
  if (isStorageError(error, "AlreadyExists")) {
    return new UploadError("AlreadyExists", "A file with this name already exists", { cause: error });
  }
  if (isStorageError(error, "SuspiciousName")) {
    return new UploadError("SuspiciousName", error.message, { cause: error });
  }
  return error;
}

/** What `handleUpload` does, for messages. */
const ACTION = "read the form";

/**
 * Checks the arguments, and returns the limits with their defaults.
 *
 * @throws {TypeError} If an argument is of the wrong kind, or an option is unknown or has an unknown value.
 * @throws {RangeError} If a limit is not a number of 0 or more, or a timeout not a number above 0.
 */
function checkCall(storage: Storage, request: Request, options: UploadOptions): FormLimits & TimeLimits {
  checkStorage(ACTION, storage);
  checkRequest(ACTION, "the second argument", request);
  checkOptions(
    ACTION,
    options,
    UPLOAD_OPTIONS,
    [],
    "timeout:totalTimeout maxsize:maxFileBytes overwrite:onExisting types:accept",
  );
  const { accept, name, normalization, allOrNothing, save = {} } = options;
  if (name !== undefined && typeof name !== "function") throw invalidValue("name must be a function", name);
  if (normalization !== undefined && !NORMALIZATIONS.includes(normalization)) {
    throw invalidValue(`normalization must be one of ${NORMALIZATIONS.join(", ")}`, normalization);
  }
  if (allOrNothing !== undefined && typeof allOrNothing !== "boolean") {
    throw invalidValue("allOrNothing must be true or false", allOrNothing);
  }
  checkAccept(accept);
  checkOptions(`${ACTION} with the option save`, save, SAVED_ATTRIBUTES);
  checkDescription("Cannot store uploads with the option save", save); // before the form is read
  onExistingOf(ACTION, options, false, "rename");
  const limits = Object.fromEntries(
    Object.entries(LIMITS).map(([name, byDefault]) => {
      const value = options[name as keyof typeof LIMITS] ?? byDefault;
      const isTimeout = Object.hasOwn(TIME_LIMITS, name);
      if (typeof value === "number" && (isTimeout ? value > 0 : value >= 0)) return [name, value];
      const wanted = isTimeout ? "a number of seconds above 0" : "a number of 0 or more";
      throw new RangeError(`Cannot ${ACTION}: ${name} must be ${wanted}, got ${formatValue(value)}`);
    }),
  );
  return limits as unknown as FormLimits & TimeLimits;
}

function invalidValue(what: string, got: unknown): TypeError {
  return new TypeError(`Cannot ${ACTION}: ${what}, got ${formatValue(got)}`);
}

/** @throws {TypeError} If the program has read the body before, which no client can cause. */
function checkUnread({ body, bodyUsed }: Request): void {
  if (!bodyUsed && !body?.locked) return;
  throw new TypeError(
    `Cannot ${ACTION}: the body of the request was already read, by request.formData() for example. ` +
      "Pass the request to handleUpload first: it returns the fields too",
  );
}
