import { NotFoundError } from "../../errors.ts";
import type { CollectOptions } from "../collect_options.ts";
import { cssReferences } from "./css_references.ts";
import type { ResolvedManifestOptions } from "../hashed_files.ts";
import { type JsReferences, jsReferences } from "./js_references.ts";
import { lineOf, type Reference, type ReferenceTarget, replaced, targetOf, withHashOf } from "./reference.ts";

/** The options of `collect` that change hashed copies. */
type CollectRules = Pick<CollectOptions, "unhashed" | "pages">;

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

/**
 * The rules that the manifest depends on, besides the files. Increase the number when these modules rewrite differently.
 *
 * @param unhashed The patterns of files that keep their names.
 */
export function rulesOf(options: ResolvedManifestOptions, { unhashed = [], pages }: CollectRules = {}): string {
  const { manifestVersion, staticUrl, supportJsModuleImportAggregation } = options;
  return JSON.stringify({
    rules: 2,
    manifestVersion,
    staticUrl,
    supportJsModuleImportAggregation,
    ...(unhashed.length > 0 && { unhashed }),
    ...(pages !== undefined && { pages: true }),
  });
}

/** Whether references in a file of that name are rewritten. */
export function isRewritten(name: string): boolean {
  return /\.(?:css|m?js)$/i.test(name);
}

/** Whether a file is a page of HTML by its name. */
export function isPageName(name: string): boolean {
  return /\.html?$/i.test(name);
}

/** The text of a file whose references are rewritten; `undefined` if it is not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The links of a file, and what its author should know. */
export interface FileLinks {
  readonly links: readonly Link[];
  /** Warnings about references that are not rewritten. */
  readonly warnings: readonly string[];
}

/** The references of a file to files of the site, existing or not. */
export function linksOf(name: string, text: string, options: ResolvedManifestOptions): FileLinks {
  const found: JsReferences = /\.css$/i.test(name)
    ? { references: cssReferences(text), unknown: [] }
    : jsReferences(text, options.supportJsModuleImportAggregation);
  return { links: linksFrom(found.references, name, options), warnings: warningsOf(name, text, found) };
}

/** The references of a page to files of the site. Its absolute paths begin at the root, unless `staticUrl` says otherwise. */
export async function pageLinksOf(name: string, text: string, options: ResolvedManifestOptions): Promise<FileLinks> {
  const { htmlReferences } = await import("./html_references.ts"); // with a parser that other sites do not need
  const { references, unknown, base = "" } = htmlReferences(text, options);
  const warnings = warningsOf(name, text, { references, unknown });
  // With a <base> on another host, references lead there.
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(base)) return { links: [], warnings };
  const { staticUrl = "/" } = options;
  const path = base.startsWith("/") ? base : `${staticUrl}${folderOf(name)}${base}`;
  if (!path.startsWith(staticUrl)) return { links: [], warnings };
  return { links: linksFrom(references, `${folderOf(path.slice(staticUrl.length))}_`, options), warnings };
}

/** The folder of a path, with a slash at its end. */
function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** @param from The file, or a file in the folder, that relative references begin at. */
function linksFrom(references: readonly Reference[], from: string, { staticUrl }: ResolvedManifestOptions): Link[] {
  return references.flatMap((reference) => {
    const target = targetOf(reference.url, from, staticUrl);
    return target === undefined ? [] : [{ reference, target }];
  });
}

function warningsOf(name: string, text: string, { problem, unknown }: JsReferences): string[] {
  const warnings: string[] = [];
  if (problem !== undefined) {
    warnings.push(`${name} cannot be parsed as JavaScript: its imports are not rewritten. ${problem}`);
  }
  for (const { start, code } of unknown.slice(0, MAX_UNKNOWN)) {
    warnings.push(`${name}:${lineOf(text, start)} loads a file whose name is not known, so without a hash: ${code}`);
  }
  if (unknown.length > MAX_UNKNOWN) {
    warnings.push(`${name} loads files whose names are not known at ${unknown.length - MAX_UNKNOWN} more places`);
  }
  return warnings;
}

/** The most places of a file that have a warning each. */
const MAX_UNKNOWN = 5;

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

/** The text with its references rewritten, except those to files without a stored name or under their own. */
export function rewrite(
  text: string,
  links: readonly Link[],
  storedName: (name: string, reference: Reference) => string | undefined,
): string {
  return replaced(
    text,
    links.flatMap(({ reference, target }) => {
      const stored = storedName(target.name, reference);
      return stored === undefined || stored === target.name
        ? []
        : [{ reference, url: withHashOf(reference.url, target, stored) }];
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
