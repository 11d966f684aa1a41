/** One element of a parsed XML document. Attributes and namespaces are left out: S3-style documents carry nothing in them. */
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

const NAMED_ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/** Nesting deeper than this is no document a storage server sends; the limit keeps hostile input from filling memory. */
const MAX_DEPTH = 64;

/**
 * Parses a small XML document into a tree.
 *
 * Understands elements, text, CDATA, comments, processing instructions, the five named entities and character references.
 * A document type declaration is refused, so there is no entity expansion to attack.
 *
 * @param source The document's text.
 * @returns The root element.
 * @throws {SyntaxError} If the document is not well-formed.
 */
export function parseXml(source: string): XmlElement {
  const root: OpenElement = { name: "", text: "", children: [] };
  const stack: OpenElement[] = [root];
  let position = source.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (position < source.length) {
    const parent = stack[stack.length - 1]!;
    const open = source.indexOf("<", position);
    const textEnd = open === -1 ? source.length : open;
    if (textEnd > position) parent.text += decodeEntities(source.slice(position, textEnd));
    if (open === -1) break;
    if (source.startsWith("<!--", open)) {
      position = endOf(source, "-->", open + 4);
    } else if (source.startsWith("<![CDATA[", open)) {
      position = endOf(source, "]]>", open + 9);
      parent.text += source.slice(open + 9, position - 3);
    } else if (source.startsWith("<?", open)) {
      position = endOf(source, "?>", open + 2);
    } else if (source.startsWith("<!", open)) {
      throw new SyntaxError(`Cannot parse XML: a document type declaration is not allowed, at offset ${open}`);
    } else {
      position = endOf(source, ">", open + 1);
      const tag = source.slice(open + 1, position - 1);
      if (tag.startsWith("/")) closeElement(stack, localName(tag.slice(1).trimEnd()), open);
      else openElement(stack, tag, open);
    }
  }
  if (stack.length > 1) {
    throw new SyntaxError(`Cannot parse XML: the document ends inside <${stack[stack.length - 1]!.name}>`);
  }
  const [only, second] = root.children;
  if (only === undefined || second !== undefined || root.text.trim() !== "") {
    throw new SyntaxError("Cannot parse XML: a document must have exactly one root element");
  }
  return only;
}

/** The first child element of that name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((candidate) => candidate.name === name);
}

/** The text of the first child element of that name. */
export function childText(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text;
}

/** Every child element of that name, in document order. */
export function childrenNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((candidate) => candidate.name === name);
}

/**
 * Escapes text for element content or a double-quoted attribute.
 * Tab, newline and carriage return are written as character references, since a parser may fold them.
 */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => {
    switch (character) {
      case "&":
        return "&amp;";
      case "<":
        return "&lt;";
      case ">":
        return "&gt;";
      case '"':
        return "&quot;";
      default:
        return `&#${character.charCodeAt(0)};`;
    }
  });
}

function openElement(stack: OpenElement[], tag: string, offset: number): void {
  const selfClosing = tag.endsWith("/");
  const name = localName(/^[^\s/]*/.exec(tag)![0]);
  if (name === "") throw new SyntaxError(`Cannot parse XML: an element without a name at offset ${offset}`);
  if (stack.length > MAX_DEPTH) {
    throw new SyntaxError(`Cannot parse XML: elements are nested deeper than ${MAX_DEPTH} at offset ${offset}`);
  }
  const element: OpenElement = { name, text: "", children: [] };
  stack[stack.length - 1]!.children.push(element);
  if (!selfClosing) stack.push(element);
}

function closeElement(stack: OpenElement[], name: string, offset: number): void {
  const open = stack.length > 1 ? stack.pop() : undefined;
  if (open?.name !== name) {
    throw new SyntaxError(
      `Cannot parse XML: </${name}> at offset ${offset} does not close <${open?.name ?? "nothing"}>`,
    );
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The offset just past `terminator`, searched from `from`. */
function endOf(source: string, terminator: string, from: number): number {
  const at = source.indexOf(terminator, from);
  if (at === -1) throw new SyntaxError(`Cannot parse XML: "${terminator}" is missing after offset ${from}`);
  return at + terminator.length;
}

function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));/g, (entity, hex, decimal, named) => {
    if (named !== undefined) return NAMED_ENTITIES[named] ?? entity;
    const codePoint = hex !== undefined ? parseInt(hex, 16) : parseInt(decimal, 10);
    if (codePoint > 0x10ffff) throw new SyntaxError(`Cannot parse XML: ${entity} is not a character`);
    return String.fromCodePoint(codePoint);
  });
}
