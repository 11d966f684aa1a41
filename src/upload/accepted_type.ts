import { detectType, fitsType } from "../kit/file_signature.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../storage/content_type.ts";
import { UploadError } from "./upload_error.ts";

/** Extensions of programs: who accepts one by it means it. */
const PROGRAMS = /^\.(exe|dll|sys|scr|com|so|elf|bin)$/i;

/** What tells a file's type. */
export interface TypeClues {
  /** Its name, as the client gives it. */
  readonly originalName: string;
  /** The type that the client says it has. */
  readonly declared: string;
  /** Its first bytes. */
  readonly head: Uint8Array;
}

/**
 * The type of a file: by its name where its bytes do not speak against it, else by its bytes; only then by what the client
 * says.
 *
 * @param accept Types and extensions that are accepted; `undefined` for all.
 * @throws {UploadError} If it is not accepted, or is not what it seems to be.
 */
export function acceptType(clues: TypeClues, accept: readonly string[] | undefined): string {
  const { originalName, head } = clues;
  const detected = detectType(head);
  const named = guessContentType(originalName);
  const seeming = named ?? detected ?? declaredType(clues.declared);
  const isOther = seeming !== undefined && fitsType(seeming, head) === false;
  const type = isOther ? detected ?? DEFAULT_CONTENT_TYPE : seeming ?? DEFAULT_CONTENT_TYPE;
  if (accept === undefined) return type;
  if (isOther) throw new UploadError("UnsupportedType", `The file '${originalName}' is not what it seems to be`);
  const isAccepted = accept.some((pattern) => matches(pattern, originalName, type));
  // Of a type that has no bytes of its own, all that can be said is that it is no program.
  const isProgram = (named === undefined || !fitsType(named, head)) &&
    /^application\/x-(msdownload|elf)$/.test(detected ?? "");
  const isDisguised = isProgram && !accept.includes(detected!) &&
    !accept.some((pattern) => PROGRAMS.test(pattern) && matches(pattern, originalName, type));
  if (isAccepted && !isDisguised) return type;
  throw new UploadError(
    "UnsupportedType",
    `The file '${originalName}' is of none of these types: ${accept.join(", ")}`,
  );
}

/** @throws {TypeError} If a pattern is neither an extension nor a type. */
export function checkAccept(accept: readonly string[] | undefined): void {
  for (const pattern of accept ?? []) {
    if (/^\.[^/\\*]+$|^[\w.+-]+\/([\w.+-]+|\*)$/.test(pattern)) continue;
    throw new TypeError(`accept is a list such as [".pdf", "image/png", "video/*"]: it has "${pattern}"`);
  }
}

function matches(pattern: string, name: string, type: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted.startsWith(".")) return name.toLowerCase().endsWith(wanted);
  return wanted.endsWith("/*") ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

function declaredType(declared: string): string | undefined {
  const type = declared.split(";")[0]!.trim().toLowerCase();
  return /^[\w.+-]+\/[\w.+-]+$/.test(type) ? type : undefined;
}
