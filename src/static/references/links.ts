import { NotFoundError } from "../../errors.ts";
import { cssReferences } from "./css_references.ts";
import type { ResolvedManifestOptions } from "../hashed_files.ts";
import { jsReferences } from "./js_references.ts";
import { lineOf, type Reference, type ReferenceTarget, replaced, targetOf, withHashOf } from "./reference.ts";

/** A reference to a file of the site, existing or not. */
export interface Link {
  readonly reference: Reference;
  readonly target: ReferenceTarget;
}

/** A reference to a missing file. */
export interface MissingLink {
  readonly name: string;
  readonly line: number;
  readonly url: string;
  readonly target: string;
  readonly isOptional: boolean;
}

/** The rules that the manifest depends on, besides the files. Increase the number when these modules rewrite differently. */
export function rulesOf(options: ResolvedManifestOptions): string {
  const { manifestVersion, staticUrl, supportJsModuleImportAggregation } = options;
  return JSON.stringify({ rules: 1, manifestVersion, staticUrl, supportJsModuleImportAggregation });
}

/** Whether references in a file of that name are rewritten. */
export function isRewritten(name: string): boolean {
  return /\.(?:css|m?js)$/i.test(name);
}

/** The text of a file whose references are rewritten; `undefined` if it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The references of a file to files of the site, existing or not. */
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

/** The references to missing files. */
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

/** The text with its references rewritten, except those to files without a stored name. */
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

/** The message for a reference to a missing file. */
export function missingMessage({ name, line, url, target }: MissingLink): string {
  return `${name}:${line} refers to "${url}", but '${target}' does not exist`;
}

/** The error for references to missing files. */
export function missingError(missing: readonly MissingLink[]): NotFoundError {
  const shown = missing.slice(0, MAX_SHOWN).map(missingMessage);
  if (missing.length > MAX_SHOWN) shown.push(`and ${missing.length - MAX_SHOWN} more`);
  return new NotFoundError(
    `Cannot collect files with references to missing files: ${shown.join("; ")}. Nothing was stored`,
    {
      key: missing[0]!.target,
    },
  );
}

/** The most missing files that the message lists. */
const MAX_SHOWN = 20;
