import { detectType, fitsType } from "../kit/bytes/file_signature.ts";
import { DEFAULT_CONTENT_TYPE } from "../storage/content/content_type.ts";
import { contradicts } from "./declared_type.ts";
import { endsIn, hasExtension, namedType } from "./named_type.ts";
import { UploadError } from "./upload_error.ts";

/** Extensions of programs: who accepts one by it means it. */
const PROGRAMS = /^\.(exe|dll|sys|scr|com|so|elf|bin)$/i;

/** What tells a file's type. */
export interface TypeClues {
  /** Its name, as the client gives it. */
  readonly originalName: string;
  /** The type that the client says it has. It never decides what a file is, and only refuses. */
  readonly declared: string;
  /** Its first bytes. */
  readonly head: Uint8Array;
}

/** What is found of a file's type. */
interface FoundType {
  /** By its extension. */
  readonly named: string | undefined;
  /** By its first bytes. */
  readonly detected: string | undefined;
  /** Whether it has an extension, and one that is not known. */
  readonly isUnknown: boolean;
  /** Whether its first bytes speak against its extension. */
  readonly isOther: boolean;
  /** By its extension where its bytes do not speak against it, else by its bytes. */
  readonly type: string | undefined;
}

/**
 * The type of a file: by its name where its bytes do not speak against it, else by its bytes.
 *
 * @param accept Types and extensions that are accepted; `undefined` for all.
 * @throws {UploadError} If it is not accepted, or its name, first bytes and declared type contradict each other.
 */
export function acceptType(clues: TypeClues, accept: readonly string[] | undefined): string {
  const found = findType(clues);
  const reason = accept === undefined ? undefined : reasonToRefuse(clues, found, accept);
  if (reason === undefined) return found.type ?? DEFAULT_CONTENT_TYPE;
  throw new UploadError("UnsupportedType", `Cannot accept '${clues.originalName}': ${reason}`);
}

function findType({ originalName, head }: TypeClues): FoundType {
  const named = namedType(originalName);
  const isUnknown = named === undefined && hasExtension(originalName);
  // Three letters may begin a text. Where the extension is not known either, they say nothing.
  const detected = isUnknown && fitsType("text/plain", head) ? undefined : detectType(head);
  const isOther = named !== undefined && fitsType(named, head) === false;
  return { named, detected, isUnknown, isOther, type: isOther ? detected : named ?? detected };
}

function reasonToRefuse(clues: TypeClues, found: FoundType, accept: readonly string[]): string | undefined {
  const { originalName, declared } = clues;
  const { named, detected, type } = found;
  if (found.isOther) return `its first bytes are not those of ${named}`;
  if (!isAccepted(originalName, found.isUnknown ? undefined : type ?? DEFAULT_CONTENT_TYPE, accept)) {
    const what = found.isUnknown
      ? "its extension is not known"
      : type === undefined
      ? "its type is not known"
      : `it is ${type}`;
    return `${what}, expected ${accept.join(", ") || "no file at all"}`;
  }
  if (named === undefined && isProgram(detected) && !acceptsProgram(originalName, detected!, accept)) {
    return "its first bytes are those of a program";
  }
  if (type === undefined || !contradicts(declared, type, named !== undefined)) return undefined;
  return `its declared type contradicts ${type}`;
}

/** @throws {TypeError} If a pattern is neither an extension nor a type. */
export function checkAccept(accept: readonly string[] | undefined): void {
  for (const pattern of accept ?? []) {
    if (/^\.[^/\\*]+$|^[\w.+-]+\/([\w.+-]+|\*)$/.test(pattern)) continue;
    throw new TypeError(`accept is a list such as [".pdf", "image/png", "video/*"]: it has "${pattern}"`);
  }
}

/** @param type `undefined` for a file that only its extension can have accepted. */
function isAccepted(name: string, type: string | undefined, accept: readonly string[]): boolean {
  return accept.some((pattern) => {
    if (pattern.startsWith(".")) return endsIn(name, pattern);
    const wanted = pattern.toLowerCase();
    if (!wanted.endsWith("/*")) return type === wanted;
    // Of a type that nobody knows, it is not known either that it is an application/*.
    return type !== DEFAULT_CONTENT_TYPE && type?.startsWith(wanted.slice(0, -1)) === true;
  });
}

function isProgram(type: string | undefined): boolean {
  return /^application\/x-(msdownload|elf)$/.test(type ?? "");
}

function acceptsProgram(name: string, type: string, accept: readonly string[]): boolean {
  return accept.some((pattern) => pattern.toLowerCase() === type || PROGRAMS.test(pattern) && endsIn(name, pattern));
}
