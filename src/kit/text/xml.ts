/** An element of a parsed XML document. Attributes and namespaces are ignored: storage services send no data in them. */
export interface XmlElement {
  /** The local name, without a namespace prefix. */
  readonly name: string;
  /** The character data directly inside the element, entities decoded; child elements' text is not included. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement extends XmlElement {
  text: string;
  children: XmlElement[];
}

/** The children of all elements that have none. */
const NO_CHILDREN: XmlElement[] = [];

const SLASH = 47;
const GREATER = 62;

const NAMED_ENTITIES: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** No storage service nests elements deeper; the limit keeps hostile input from filling memory. */
const MAX_DEPTH = 64;

/** Ten times as many as a listing of 1,000 entries has; an element takes far more memory than the bytes of its tag. */
const MAX_ELEMENTS = 200_000;

/** One piece of markup; tags come first, as they are the most frequent. */
const MARKUP =
  /<\/([^\s<>]+)\s*>|<([^\s<>/!?]+)(?=[\s/>])((?:"[^"]*"|'[^']*'|[^<>"'])*)>|<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>/y;

/**
 * Parses a small XML document into a tree.
 *
 * Understands elements, text, CDATA, comments, processing instructions, the five named entities and character references.
 * Refuses document type declarations, so entity expansion cannot be attacked.
 *
 * @param source The document's text.
 * @returns The root element.
 * @throws {SyntaxError} If the document is not well-formed, nests elements deeper than 64 or has more than 200,000.
 */
export function parseXml(source: string): XmlElement {
  const root: OpenElement = { name: "", text: "", children: [] };
  const stack: OpenElement[] = [root];
  const markup = new RegExp(MARKUP);
  let parent = root;
  let elements = 0;
  const open = (name: string, offset: number): OpenElement => {
    if (stack.length > MAX_DEPTH || ++elements > MAX_ELEMENTS) throw malformed(offset);
    const element: OpenElement = { name, text: "", children: NO_CHILDREN };
    if (parent.children === NO_CHILDREN) parent.children = [];
    parent.children.push(element);
    return element;
  };
  const close = (): void => {
    stack.pop();
    parent = stack[stack.length - 1]!;
  };
  for (let offset = source.startsWith("\ufeff") ? 1 : 0; offset < source.length;) {
    const begin = source.indexOf("<", offset);
    const end = begin === -1 ? source.length : begin;
    if (end > offset) {
      parent.text += decodeEntities(source.slice(offset, end), offset);
      offset = end;
      continue;
    }
    const tagEnd = plainTagEnd(source, offset);
    if (tagEnd !== undefined) {
      // Nearly all markup of a listing: a tag without attributes and without a prefix, such as <Key> and </Key>.
      if (source.charCodeAt(offset + 1) === SLASH) {
        if (stack.length === 1 || !isNameAt(source, offset + 2, tagEnd, parent.name)) throw malformed(offset);
        close();
      } else {
        parent = open(source.slice(offset + 1, tagEnd), offset);
        stack.push(parent);
      }
      offset = tagEnd + 1;
      continue;
    }
    markup.lastIndex = offset;
    const match = markup.exec(source);
    if (match === null) throw malformed(offset);
    const [{ length }, closed, opened, rest, data] = match;
    if (data !== undefined) {
      parent.text += data;
    } else if (closed !== undefined) {
      if (stack.length === 1 || localName(closed) !== parent.name) throw malformed(offset);
      close();
    } else if (opened !== undefined) {
      const element = open(localName(opened), offset);
      if (!rest!.endsWith("/")) stack.push(parent = element);
    }
    offset += length;
  }
  const [only, second] = root.children;
  if (stack.length > 1 || only === undefined || second !== undefined || root.text.trim() !== "") {
    throw malformed(source.length);
  }
  return only;
}

/** The index of the `>` of a tag that consists of letters and digits only; `undefined` for all other markup. */
function plainTagEnd(source: string, begin: number): number | undefined {
  let offset = begin + 1;
  if (source.charCodeAt(offset) === SLASH) offset++;
  const first = offset;
  for (;; offset++) {
    const code = source.charCodeAt(offset);
    if (code === GREATER) return offset > first ? offset : undefined;
    const isPlain = code >= 97 && code <= 122 || code >= 65 && code <= 90 || code >= 48 && code <= 57;
    if (!isPlain) return undefined;
  }
}

function isNameAt(source: string, begin: number, end: number, name: string): boolean {
  return end - begin === name.length && source.startsWith(name, begin);
}

/** Parses a document like {@linkcode parseXml}; `undefined` if it is malformed, such as the HTML of a proxy. */
export function tryParseXml(source: string): XmlElement | undefined {
  try {
    return parseXml(source);
  } catch {
    return undefined;
  }
}

/** The first child element of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  for (const candidate of element.children) if (candidate.name === name) return candidate;
  return undefined;
}

/** The text of the first child element of that name, without white space around it, which some services add. */
export function childText(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim();
}

/**
 * The text of the first child element of that name, for values that may begin or end with white space. Only white space is
 * removed that the value of a sibling has too.
 *
 * @param sibling The name of a sibling whose value has no white space of its own.
 */
export function exactChildText(element: XmlElement, name: string, sibling: string): string | undefined {
  const text = child(element, name)?.text;
  const padded = child(element, sibling)?.text ?? "";
  if (padded !== "" && padded === padded.trim()) return text;
  const before = padded.slice(0, padded.length - padded.trimStart().length);
  const after = padded.slice(padded.trimEnd().length);
  if (text === undefined || padded === before || !text.startsWith(before) || !text.endsWith(after)) return text;
  return text.slice(before.length, Math.max(before.length, text.length - after.length));
}

/** Whether the first child element of that name says so, in any of the notations of a boolean. */
export function isChildTrue(element: XmlElement, name: string): boolean {
  return /^(true|1)$/i.test(childText(element, name) ?? "");
}

/** Every child element of that name, in document order. */
export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((candidate) => candidate.name === name);
}

/** Escapes text for element content or a double-quoted attribute; tabs and line ends too, since a parser may fold them. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => {
    const name = [...NAMED_ENTITIES].find(([, meaning]) => meaning === character)?.[0];
    return `&${name ?? `#${character.charCodeAt(0)}`};`;
  });
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function malformed(offset: number): SyntaxError {
  return new SyntaxError(`Cannot parse XML: it is not well-formed at offset ${offset}`);
}

function decodeEntities(text: string, offset: number): string {
  if (!text.includes("&")) return text;
  const quoted = text.replaceAll("&quot;", '"'); // the only entities of most ETags
  if (!quoted.includes("&")) return quoted;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));/g, (entity, hex, decimal, named) => {
    if (named !== undefined) return NAMED_ENTITIES.get(named) ?? entity;
    const codePoint = hex !== undefined ? parseInt(hex, 16) : parseInt(decimal, 10);
    const character = codePoint > 0x10ffff ? "" : String.fromCodePoint(codePoint);
    if (!character || !character.isWellFormed()) throw malformed(offset);
    return character;
  });
}
