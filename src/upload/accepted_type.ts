import { detectType, fitsType } from "../kit/bytes/file_signature.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { DEFAULT_CONTENT_TYPE } from "../storage/content/content_type.ts";
import { guessContentType } from "../storage/content/guess_type.ts";
import { contradicts } from "./declared_type.ts";
import { endsIn, hasExtension, namedType } from "./named_type.ts";
import { UploadError } from "./upload_error.ts";

/** Extensions of programs: listing one accepts programs. */
const PROGRAMS = /^\.(exe|dll|sys|scr|com|so|elf|bin)$/i;

/** The properties of a file that its type is decided by. */
export interface TypeClues {
  /** The name that the client sent. */
  readonly originalName: string;
  /** The type that the client declared. It can only refuse a file, and never decides its type. */
  readonly declared: string;
  /** The first bytes. */
  readonly head: Uint8Array;
}

/** The type of a file, by its name and its bytes. */
interface FoundType {
  /** By its extension. */
  readonly named: string | undefined;
  /** By its first bytes. */
  readonly detected: string | undefined;
  /** Whether it has an extension that is unknown, or whose files cannot be checked. */
  readonly isUnknown: boolean;
  /** Whether its first bytes contradict its extension. */
  readonly isMismatch: boolean;
  /** By its extension, or, if its bytes contradict it, by its bytes. */
  readonly type: string | undefined;
}

/**
 * Decides the type of a file: by its name, or, if its bytes contradict it, by its bytes.
 *
 * @param accept Accepted types and extensions; `undefined` for all.
 * @throws {UploadError} If the type is not accepted, or the name, the first bytes and the declared type contradict each other.
 */
export function acceptType(clues: TypeClues, accept: readonly string[] | undefined): string {
  const found = findType(clues);
  const reason = accept === undefined ? undefined : reasonToRefuse(clues, found, accept);
  if (reason === undefined) {
    // Bytes that have no signature do not contradict a type whose signature is unknown.
    return found.type ?? (found.isUnknown ? guessContentType(clues.originalName) : undefined) ?? DEFAULT_CONTENT_TYPE;
  }
  throw new UploadError("UnsupportedType", `Cannot accept '${clues.originalName}': ${reason}`);
}

function findType({ originalName, head }: TypeClues): FoundType {
  const named = namedType(originalName);
  const isUnknown = named === undefined && hasExtension(originalName);
  // A text may begin like a signature of three letters, so for unknown extensions text counts as text.
  const detected = isUnknown && fitsType("text/plain", head) ? undefined : detectType(head);
  const isMismatch = named !== undefined && fitsType(named, head) === false;
  return { named, detected, isUnknown, isMismatch, type: isMismatch ? detected : named ?? detected };
}

function reasonToRefuse(clues: TypeClues, found: FoundType, accept: readonly string[]): string | undefined {
  const { originalName, declared } = clues;
  const { named, detected, type } = found;
  if (found.isMismatch) return `its first bytes are not those of ${named}`;
  if (!isAccepted(originalName, found.isUnknown ? undefined : type ?? DEFAULT_CONTENT_TYPE, accept)) {
    const what = found.isUnknown
      ? "its extension is unknown"
      : type === undefined
      ? "its type is unknown"
      : `it is ${type}`;
    return `${what}, expected ${accept.join(", ") || "no file"}`;
  }
  if (named === undefined && isProgram(detected) && !acceptsProgram(originalName, detected!, accept)) {
    return "its first bytes are those of a program";
  }
  if (type === undefined || !contradicts(declared, type, named !== undefined)) return undefined;
  return `its declared type contradicts ${type}`;
}

/** @throws {TypeError} If a pattern is neither an extension nor a type. */
export function checkAccept(accept: readonly string[] | undefined): void {
  if (accept === undefined) return;
  if (!Array.isArray(accept)) throw wrongAccept(accept);
  for (const pattern of accept) {
    if (typeof pattern === "string" && /^\.[^/\\*]+$|^[\w.+-]+\/([\w.+-]+|\*)$/.test(pattern)) continue;
    throw wrongAccept(pattern, " in it");
  }
}

function wrongAccept(got: unknown, where = ""): TypeError {
  const wanted = 'an array such as [".pdf", "image/png", "video/*"]';
  return new TypeError(`Cannot read the form: accept must be ${wanted}, got ${formatValue(got)}${where}`);
}

/** @param type `undefined` for a file that only its extension can accept. */
function isAccepted(name: string, type: string | undefined, accept: readonly string[]): boolean {
  return accept.some((pattern) => {
    if (pattern.startsWith(".")) return endsIn(name, pattern);
    const wanted = pattern.toLowerCase();
    if (!wanted.endsWith("/*")) return type === wanted;
    // An unknown type is not accepted by application/*.
    return type !== DEFAULT_CONTENT_TYPE && type?.startsWith(wanted.slice(0, -1)) === true;
  });
}

function isProgram(type: string | undefined): boolean {
  return /^application\/x-(msdownload|elf)$/.test(type ?? "");
}

function acceptsProgram(name: string, type: string, accept: readonly string[]): boolean {
  return accept.some((pattern) => pattern.toLowerCase() === type || PROGRAMS.test(pattern) && endsIn(name, pattern));
}
