import { type DefaultTreeAdapterTypes, parse, type Token } from "parse5";
import { trimEnd } from "../../kit/text/trim_end.ts";
import type { ResolvedManifestOptions } from "../hashed_files.ts";
import { cssReferences } from "./css_references.ts";
import { jsReferences } from "./js_references.ts";
import type { Reference } from "./reference.ts";
import type { UnknownUrl } from "./script_urls.ts";

type Element = DefaultTreeAdapterTypes.Element;
type ParentNode = DefaultTreeAdapterTypes.ParentNode;

/** The references of a page. */
export interface HtmlReferences {
  /** In the order of the page. */
  readonly references: readonly Reference[];
  /** Places of inline scripts whose files cannot be known. */
  readonly unknown: readonly UnknownUrl[];
  /** The value of `<base href>`. */
  readonly base: string | undefined;
}

/** Attributes with one URL of a file that a page shows or runs, by element; links to pages and downloads keep their names. */
const URL_ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  audio: ["src"],
  embed: ["src"],
  feimage: ["href"],
  image: ["href"],
  img: ["src"],
  input: ["src"],
  object: ["data"],
  script: ["src", "href"],
  source: ["src"],
  track: ["src"],
  use: ["href"],
  video: ["src", "poster"],
};

/** Attributes with several URLs. */
const SET_ATTRIBUTES: Readonly<Record<string, string>> = { img: "srcset", link: "imagesrcset", source: "srcset" };

/** The types of links that load a file. */
const LOADING =
  /(?:^|\s)(?:stylesheet|preload|modulepreload|prefetch|icon|apple-touch-icon(?:-precomposed)?|apple-touch-startup-image|mask-icon|manifest)(?:\s|$)/i;

/** The types of scripts that are JavaScript. */
const JAVASCRIPT = /^(?:|module|(?:text|application)\/(?:java|ecma)script)$/i;

/**
 * Finds the files that a page shows or runs: in attributes, `srcset`, `style`, style sheets, scripts and import maps. Links to
 * pages, and files that scripts name, are not among them.
 *
 * Source: the HTML Standard, whose tree construction parse5 follows, so comments, templates and raw text are read as in browsers.
 */
export function htmlReferences(
  html: string,
  { supportJsModuleImportAggregation }: ResolvedManifestOptions,
): HtmlReferences {
  const scan = new HtmlScan(html, supportJsModuleImportAggregation);
  scan.visit(parse(html, { sourceCodeLocationInfo: true, scriptingEnabled: false }));
  const references = scan.references.toSorted((one, other) => one.start - other.start);
  return { references, unknown: scan.unknown, base: scan.base };
}

/** Finds references in the tree of a page. */
class HtmlScan {
  readonly references: Reference[] = [];
  readonly unknown: UnknownUrl[] = [];
  base: string | undefined;
  readonly #html: string;
  readonly #readsScripts: boolean;

  constructor(html: string, readsScripts: boolean) {
    this.#html = html;
    this.#readsScripts = readsScripts;
  }

  /** Visits the elements below a node, without recursion, since trees may be deep. */
  visit(root: ParentNode): void {
    const waiting: ParentNode[] = [root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      for (const child of node.childNodes) {
        if (!("tagName" in child)) continue;
        this.#addElement(child);
        waiting.push("content" in child ? child.content : child);
      }
    }
  }

  #addElement(element: Element): void {
    const name = element.tagName.toLowerCase();
    const value = (attribute: string): string | undefined => element.attrs.find((one) => one.name === attribute)?.value;
    if (name === "base") this.base ??= value("href");
    if (name === "style") this.#addText(element, cssReferences);
    if (name === "script" && value("src") === undefined) this.#addScript(element, value("type")?.trim() ?? "");
    const urls = name === "link" && LOADING.test(value("rel") ?? "") ? ["href"] : URL_ATTRIBUTES[name] ?? [];
    const needsSameBytes = value("integrity") !== undefined;
    for (const attribute of element.attrs) {
      const found = referencesIn(attribute, urls, SET_ATTRIBUTES[name]);
      if (found.length > 0) this.#addAttribute(element, attribute, found.map((one) => ({ ...one, needsSameBytes })));
    }
  }

  /** Adds the references of an attribute, whose offsets are those in its value. */
  #addAttribute(element: Element, { name, prefix, value }: Token.Attribute, found: readonly Reference[]): void {
    const location = element.sourceCodeLocation?.attrs?.[prefix ? `${prefix}:${name}` : name];
    if (location === undefined) return; // of an element that the parser added
    const source = this.#html.slice(location.startOffset, location.endOffset);
    const [, before = "", quote = ""] = /^([^=]*=\s*)(["']?)/.exec(source) ?? [];
    const raw = source.slice(before.length + quote.length, source.length - quote.length);
    const first = location.startOffset + before.length + quote.length;
    const { text, offsets } = decodedAttribute(raw);
    if (text !== value) return; // a rare character reference, such as &eacute;
    for (const reference of found) {
      const [start, end] = [first + offsets[reference.start]!, first + offsets[reference.end]!];
      this.references.push({ ...reference, start, end, write: (url) => escapedAttribute(reference.write(url)) });
    }
  }

  #addScript(element: Element, type: string): void {
    if (/^importmap$/i.test(type)) return this.#addText(element, importMapReferences);
    if (!JAVASCRIPT.test(type)) return;
    this.#addText(element, (js, start) => {
      const { references, unknown } = jsReferences(js, this.#readsScripts);
      this.unknown.push(...unknown.map((one) => ({ ...one, start: start + one.start })));
      return references;
    });
  }

  /** Adds the references in the raw text of an element. */
  #addText({ childNodes: [text] }: Element, find: (text: string, start: number) => readonly Reference[]): void {
    const start = text?.sourceCodeLocation?.startOffset;
    if (start === undefined) return;
    const source = this.#html.slice(start, text!.sourceCodeLocation!.endOffset);
    for (const reference of find(source, start)) {
      // Pages are served beside other programs, whose files are not in the sources.
      this.references.push({
        ...reference,
        start: start + reference.start,
        end: start + reference.end,
        isOptional: true,
      });
    }
  }
}

/** The references of an attribute, with offsets in its value. */
function referencesIn({ name, value }: Token.Attribute, urls: readonly string[], set: string | undefined): Reference[] {
  if (name === "style") return cssReferences(value).map((one) => ({ ...one, isOptional: true }));
  if (name === set) return setReferences(value);
  if (!urls.includes(name)) return [];
  const url = value.trim();
  const start = value.indexOf(url);
  return url === "" ? [] : [{ start, end: start + url.length, url, write: plain, isOptional: true }];
}

/** The URLs of a `srcset`: each is followed by white space and a descriptor, or by a comma. */
function setReferences(value: string): Reference[] {
  const found: Reference[] = [];
  let position = 0;
  while (position < value.length) {
    const start = position + value.slice(position).search(/[^\s,]|$/);
    const whole = value.slice(start).split(/\s/, 1)[0]!;
    const url = trimEnd(whole, ",");
    if (url !== "") found.push({ start, end: start + url.length, url, write: plain, isOptional: true });
    position = start + whole.length;
    if (url !== whole || whole === "") continue;
    position = descriptorEnd(value, position);
  }
  return found;
}

/** Where the descriptors of a candidate end: after the next comma outside of brackets. */
function descriptorEnd(value: string, start: number): number {
  let depth = 0;
  for (let index = start; index < value.length; index++) {
    const one = value[index];
    if (one === "(") depth++;
    if (one === ")") depth--;
    if (one === "," && depth <= 0) return index + 1;
  }
  return value.length;
}

/** The URLs of an import map, keys included: modules refer to each other by hashed names too. */
function importMapReferences(json: string): Reference[] {
  if (/"integrity"\s*:/.test(json)) return []; // its hashes are those of the originals
  const found: Reference[] = [];
  for (let index = json.indexOf('"'); index !== -1;) {
    let end = index + 1;
    while (end < json.length && json[end] !== '"') end += json[end] === "\\" ? 2 : 1;
    found.push(...jsonReference(json.slice(index, end + 1), index));
    index = json.indexOf('"', end + 1);
  }
  return found;
}

/** The reference that a JSON string is, if it is the URL of a file. */
function jsonReference(text: string, start: number): Reference[] {
  let url: unknown;
  try {
    url = JSON.parse(text);
  } catch {
    return [];
  }
  if (typeof url !== "string" || !/^\.{0,2}\//.test(url)) return [];
  return [{ start, end: start + text.length, url, write: JSON.stringify }];
}

function plain(url: string): string {
  return url;
}

/** The character references that attributes commonly contain. */
const CHARACTERS: Readonly<Record<string, string>> = { amp: "&", quot: '"', apos: "'", lt: "<", gt: ">" };

/** The text of an attribute, and the offset in its source of each position. */
function decodedAttribute(raw: string): { readonly text: string; readonly offsets: readonly number[] } {
  let text = "";
  const offsets: number[] = [];
  for (let index = 0; index < raw.length;) {
    const match = raw[index] === "&"
      ? /^&(?:(amp|quot|apos|lt|gt)|#(\d{1,7})|#x([\da-f]{1,6}));/i.exec(raw.slice(index, index + 12))
      : null;
    const code = match === null ? undefined : match[2] ?? match[3];
    const one = match === null
      ? raw[index]!
      : code === undefined
      ? CHARACTERS[match[1]!.toLowerCase()]!
      : String.fromCodePoint(Math.min(0x10ffff, parseInt(code, match[2] === undefined ? 16 : 10)));
    for (let unit = 0; unit < one.length; unit++) offsets.push(index);
    text += one;
    index += match?.[0].length ?? 1;
  }
  offsets.push(raw.length);
  return { text, offsets };
}

/** A text for an attribute in any quotes, or in none. */
function escapedAttribute(text: string): string {
  return text.replace(/[&"'<>`=\s]/g, (one) => /[=\s]/.test(one) ? one : `&#${one.charCodeAt(0)};`);
}
