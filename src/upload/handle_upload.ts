import { isStorageError } from "../errors.ts";
import { concatBytes } from "../kit/bytes.ts";
import { SIGNATURE_BYTES } from "../kit/file_signature.ts";
import { writeAll } from "../storage/write_file.ts";
import { acceptType, checkAccept } from "./accepted_type.ts";
import { type FormLimits, type FormPart, readForm } from "./form_reader.ts";
import { checkOriginalName } from "./original_name.ts";
import { UploadError } from "./upload_error.ts";
import type { StoredUpload, UploadOptions, UploadResult } from "./upload_options.ts";

const LIMITS: FormLimits = {
  maxFileBytes: Infinity,
  maxTotalBytes: 1024 ** 3,
  maxFiles: 100,
  maxFields: 1000,
  maxFieldBytes: 2.5 * 1024 ** 2,
};

/**
 * Stores the files of a form (multipart/form-data) as they arrive. Of a file no more is in memory than the storage takes to
 * write it, and a client is read no faster than that.
 *
 * A form that fails leaves nothing: no file, and no upload in parts. That holds also where the client goes away. Up to 16 MiB
 * more of it are read then, so that a client that still sends gets the answer; one with more to send may find the connection
 * closed instead, unless a proxy stands between.
 *
 * Source: the FileUploadView of the django-storages document; for limits, Django's settings of uploads.
 *
 * @param request The request, whose body was not read yet.
 * @param options What may be uploaded, and where to.
 * @returns The fields and the stored files.
 * @throws {UploadError} If the form is the client's mistake; `toResponse()` answers it.
 * @throws {StorageError} What goes wrong in the storage.
 * @throws {RangeError} If a limit is no number of 0 or more.
 * @throws {TypeError} If an option is none of its values.
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
 * const error = await assertRejects(() => handleUpload(request, { storage, accept: ["image/*"] }), UploadError);
 * assertEquals(error.status, 415);
 * ```
 */
export async function handleUpload(request: Request, options: UploadOptions): Promise<UploadResult> {
  const limits = checkOptions(options);
  const { storage, allOrNothing = true } = options;
  const fields = new URLSearchParams();
  const files: StoredUpload[] = [];
  /** Names that nothing was under before. */
  const added = new Set<string>();
  try {
    for await (const part of readForm(request, limits, options.signal)) {
      options.signal?.throwIfAborted();
      if (part.kind === "field") fields.append(part.name, part.value);
      else {
        const file = await storeFile(part, fields, options, added);
        if (file !== undefined) files.push(file);
      }
    }
    return { fields, files };
  } catch (thrown) {
    const error = explain(thrown);
    if (allOrNothing && added.size > 0) {
      await storage.deleteMany(added).catch((cleanup) => {
        throw new AggregateError([error, cleanup], "The upload failed, and what was stored of it could not be removed");
      });
    }
    if (error instanceof UploadError) error.stored = files.filter(({ name }) => !(allOrNothing && added.has(name)));
    throw error;
  }
}

/** Stores a file; `undefined` where its input was left empty. */
async function storeFile(
  part: FormPart & { kind: "file" },
  fields: URLSearchParams,
  options: UploadOptions,
  added: Set<string>,
): Promise<StoredUpload | undefined> {
  const { head, chunks } = await peek(part.chunks);
  if (part.fileName === "" && head.byteLength === 0) return undefined;
  const originalName = checkOriginalName(part.fileName);
  const contentType = acceptType({ originalName, declared: part.contentType, head }, options.accept);
  const file = { fieldName: part.name, originalName, contentType };
  const wanted = await options.name?.({ ...file, fields }) ?? options.storage.generateFilename(originalName);
  let size = 0;
  const counted = (async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      size += chunk.byteLength;
      yield chunk;
    }
  })();
  const name = await write(wanted, counted, contentType, options, added);
  return { ...file, name, size };
}

/** Writes a file by the rule for names that are taken, and returns its name. */
async function write(
  wanted: string,
  chunks: AsyncIterable<Uint8Array>,
  contentType: string,
  { storage, onExisting = "rename", save, signal }: UploadOptions,
  added: Set<string>,
): Promise<string> {
  const how = { ...save, contentType, signal, overwrite: onExisting === "replace" };
  if (onExisting === "refuse") {
    // Asked first, since the upload may be long; that it stays so the write itself makes sure.
    if (await storage.exists(wanted, { signal })) throw taken(wanted);
    const file = await storage.open(wanted, "wb", how);
    await writeAll(file, chunks);
    added.add(file.name);
    return file.name;
  }
  const isNew = onExisting === "rename" || added.has(wanted) || !await storage.exists(wanted, { signal });
  const name = await storage.save(wanted, chunks, how);
  if (isNew) added.add(name);
  return name;
}

/** The first bytes of a file, and all of them. */
async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const shown: Uint8Array[] = [];
  for (let length = 0; length < SIGNATURE_BYTES;) {
    const { done, value } = await iterator.next();
    if (done) break;
    shown.push(value);
    length += value.byteLength;
  }
  const head = concatBytes(shown);
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (head.byteLength > 0) yield head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  };
  return { head, chunks: whole() };
}

function taken(name: string): UploadError {
  return new UploadError("AlreadyExists", `A file '${name}' exists already`);
}

/** Says what is the client's mistake so. */
function explain(error: unknown): unknown {
  if (isStorageError(error, "AlreadyExists")) {
    return new UploadError("AlreadyExists", "A file of this name exists already", { cause: error });
  }
  if (isStorageError(error, "SuspiciousName")) {
    return new UploadError("SuspiciousName", error.message, { cause: error });
  }
  return error;
}

function checkOptions({ accept, onExisting = "rename", ...options }: UploadOptions): FormLimits {
  checkAccept(accept);
  if (!["rename", "refuse", "replace"].includes(onExisting)) {
    throw new TypeError(`onExisting is "rename", "refuse" or "replace": current value is "${onExisting}"`);
  }
  const limits = Object.fromEntries(
    Object.entries(LIMITS).map(([name, usual]) => {
      const value = options[name as keyof FormLimits] ?? usual;
      if (typeof value === "number" && value >= 0) return [name, value];
      throw new RangeError(`${name} must be a number of 0 or more: current value is ${value}`);
    }),
  );
  return limits as unknown as FormLimits;
}
