import { NotFoundError } from "../../errors.ts";
import { cssReferences } from "./css_references.ts";
import type { ResolvedManifestOptions } from "../hashed_files.ts";
import { jsReferences } from "./js_references.ts";
import { lineOf, type Reference, type ReferenceTarget, replaced, targetOf, withHashOf } from "./reference.ts";

/** A reference to one of our files. */
export interface Link {
  readonly reference: Reference;
  readonly target: ReferenceTarget;
}

/** A reference to a file that is not there. */
export interface MissingLink {
  readonly name: string;
  readonly line: number;
  readonly url: string;
  readonly target: string;
  readonly isOptional: boolean;
}

/** What the manifest depends on beside the files. The number is to change with what these modules make of a file. */
export function rulesOf(options: ResolvedManifestOptions): string {
  const { manifestVersion, staticUrl, supportJsModuleImportAggregation } = options;
  return JSON.stringify({ rules: 1, manifestVersion, staticUrl, supportJsModuleImportAggregation });
}

/** Whether references in a file of that name are rewritten. */
export function isRewritten(name: string): boolean {
  return /\.(?:css|m?js)$/i.test(name);
}

/**
 * The text of a file whose references are rewritten; `undefined` where it is no UTF-8, so that it stays as it is.
 */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The references of a file to files of ours, there or not. */
export function linksOf(
  name: string,
  text: string,
  options: ResolvedManifestOptions,
): { readonly links: readonly Link[]; readonly problem?: string | undefined } {
  const { references, problem } = /\.css$/i.test(name)
    ? { references: cssReferences(text), problem: undefined }
    : jsReferences(text, options.supportJsModuleImportAggregation);
  const links = references.flatMap((reference) => {
    const target = targetOf(reference.url, name, options.staticUrl);
    return target === undefined ? [] : [{ reference, target }];
  });
  return { links, problem };
}

/** The references to files that are not there. */
export function missingLinks(
  name: string,
  text: string,
  links: readonly Link[],
  exists: (name: string) => boolean,
): MissingLink[] {
  return links.filter(({ target }) => !exists(target.name)).map(({ reference, target }) => ({
    name,
    line: lineOf(text, reference.start),
    url: reference.url,
    target: target.name,
    isOptional: reference.isOptional ?? false,
  }));
}

/** The text with the references rewritten, those to files without a stored name left as they are. */
export function rewrite(
  text: string,
  links: readonly Link[],
  storedName: (name: string) => string | undefined,
): string {
  return replaced(
    text,
    links.flatMap(({ reference, target }) => {
      const stored = storedName(target.name);
      return stored === undefined ? [] : [{ reference, url: withHashOf(reference.url, target, stored) }];
    }),
  );
}

/** What to say of a reference to a file that is not there. */
export function missingMessage({ name, line, url, target }: MissingLink): string {
  return `${name}:${line} refers to "${url}", and there is no file ${target}`;
}

/** What ends a collection. */
export function missingError(missing: readonly MissingLink[]): NotFoundError {
  const shown = missing.slice(0, MOST_SHOWN).map(missingMessage);
  if (missing.length > MOST_SHOWN) shown.push(`and ${missing.length - MOST_SHOWN} more`);
  return new NotFoundError(`Files are missing that others refer to. Nothing was stored: ${shown.join("; ")}`, {
    key: missing[0]!.target,
  });
}

/** As many missing files as a person reads. */
const MOST_SHOWN = 20;
