/**
 * A model of `accept`: handwritten tables of extensions, contents and declared types, and the rules of the documentation. It
 * imports nothing of the tested code.
 */
import { asBytes } from "./forms.ts";

/** Bytes as text, one character each. */
const raw = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));

export type Kind = "picture" | "film" | "text" | "document" | "font" | "program";

/** Known extensions, with the types of their files. */
export const TYPES: Readonly<Record<string, readonly [type: string, ...kinds: Kind[]]>> = {
  ".png": ["image/png", "picture"],
  ".jpg": ["image/jpeg", "picture"],
  ".jpeg": ["image/jpeg", "picture"],
  ".jfif": ["image/jpeg", "picture"],
  ".gif": ["image/gif", "picture"],
  ".webp": ["image/webp", "picture"],
  ".svg": ["image/svg+xml", "picture", "text"],
  ".txt": ["text/plain", "text"],
  ".log": ["text/plain", "text"],
  ".md": ["text/markdown", "text"],
  ".csv": ["text/csv", "text"],
  ".html": ["text/html", "text"],
  ".js": ["text/javascript", "text"],
  ".xml": ["application/xml", "text"],
  ".json": ["application/json", "text"],
  ".pdf": ["application/pdf", "document"],
  ".zip": ["application/zip", "document"],
  ".docx": ["application/vnd.openxmlformats-officedocument.wordprocessingml.document", "document"],
  ".doc": ["application/msword", "document"],
  ".gz": ["application/gzip"], // of any content: no declared type contradicts it
  ".mp4": ["video/mp4", "film"],
  ".webm": ["video/webm", "film"],
  ".mp3": ["audio/mpeg", "film"],
  ".wav": ["audio/wav", "film"],
  ".ogg": ["audio/ogg", "film"],
  ".woff2": ["font/woff2", "font"],
};

/** Unknown extensions. A file with one is accepted only if the extension is listed. */
export const UNKNOWN: readonly string[] = [
  ".php",
  ".phtml",
  ".php5",
  ".PhP",
  ".jsp",
  ".aspx",
  ".cgi",
  ".sh",
  ".exe",
  ".xyz",
  ".psd",
  ".htaccess",
  ".png.php",
  ".png.",
  ".png..",
  ".php.",
  ".png .",
  ".png::$DATA",
  ".php::$DATA",
  ".png%20",
  ".png%00",
  ".php;.png;",
  ".png\u200b",
  ".p\u200bng",
  ".pn\u0261", // a phonetic g
  ".\uff50\uff4e\uff47", // fullwidth
  ".m\u212av", // the Kelvin sign
  "\uff0epng",
  "\uff0ephp",
  "\u2024png",
  "\u3002png",
  "\uff61php",
  "\ufe52php",
  "\u2488php", // a digit with its dot
  "\u{1f100}php",
  "\u33c2php", // "a.m."
  "\ufe19php", // a vertical ellipsis
  "%2ephp",
  "%2Epng",
  ".png\u202ephp",
  ".x-png",
];

/** Endings of a known type that other programs may read differently. */
export const DOUBLE: readonly (readonly [ending: string, extension: string])[] = [
  [".php.png", ".png"],
  [".PNG", ".png"],
  [".html.jpg", ".jpg"],
  [".exe.pdf", ".pdf"],
  [".php;.gif", ".gif"],
  [".php::$DATA.png", ".png"],
  ["\uff0ephp.png", ".png"],
  [".tar.gz", ".gz"],
  [".png  ", ".png"],
  [".\u202egnp.txt", ".txt"],
];

/** Names that browsers do not send, which get a 400. */
export const SUSPICIOUS: readonly string[] = [
  "a.php\0.png",
  "../a.png",
  "a.png\x01",
  "C:\\..\\a.png",
  "..",
  "a/%2e%2e/b.png",
];

export interface Content {
  readonly bytes: Uint8Array;
  /** The type by the first bytes alone; `undefined` for text and unknown bytes. */
  readonly is?: string;
  /** The kind of that type, unless it is a container of other formats. */
  readonly kind?: Kind;
  /** The possible types of files with these first bytes; `"text"` for all texts. */
  readonly fits: readonly string[];
}

const OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const text = (content: string): Content => ({ bytes: asBytes(content), fits: ["text"] });
const picture = (name: string, content: string): Content => ({
  bytes: raw(content),
  is: `image/${name}`,
  kind: "picture",
  fits: [`image/${name}`],
});

export const CONTENTS: Readonly<Record<string, Content>> = {
  png: picture("png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
  "png and php": picture("png", "\x89PNG\r\n\x1a\n<?php system($_GET[0]); ?>"),
  jpeg: picture("jpeg", "\xff\xd8\xff\xe0\0\x10JFIF\0"),
  "jpeg and text": picture("jpeg", "\xff\xd8\xff<script>alert(1)</script>"),
  gif: picture("gif", "GIF89a\x01\0\x01\0"),
  "gif and html": picture("gif", "GIF89a/*<html><script>alert(1)</script>*/=1;"),
  webp: picture("webp", "RIFF\x24\0\0\0WEBPVP8 "),
  pdf: { bytes: raw("%PDF-1.7\n"), is: "application/pdf", fits: ["application/pdf"] },
  zip: { bytes: raw("PK\x03\x04\x14\0"), is: "application/zip", fits: ["application/zip", OFFICE] },
  ole: {
    bytes: raw("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    is: "application/x-ole-storage",
    fits: ["application/msword", OFFICE],
  },
  gzip: { bytes: raw("\x1f\x8b\x08\x08no NUL"), is: "application/gzip", fits: ["application/gzip"] },
  mp4: { bytes: raw("\0\0\0\x20ftypisom"), is: "video/mp4", fits: ["video/mp4"] },
  webm: { bytes: raw("\x1aE\xdf\xa3\x01"), is: "video/webm", fits: ["video/webm"] },
  mp3: { bytes: raw("ID3\x03\0\0\0"), is: "audio/mpeg", fits: ["audio/mpeg"] },
  wav: { bytes: raw("RIFF\x24\0\0\0WAVEfmt "), is: "audio/wav", fits: ["audio/wav"] },
  ogg: { bytes: raw("OggS\0\x02"), is: "audio/ogg", fits: ["audio/ogg"] },
  woff2: { bytes: raw("wOF2\0\x01\0\0"), is: "font/woff2", kind: "font", fits: ["font/woff2"] },
  exe: { bytes: raw("MZ\x90\0\x03\0"), is: "application/x-msdownload", kind: "program", fits: [] },
  elf: { bytes: raw("\x7fELF\x02\x01"), is: "application/x-elf", kind: "program", fits: [] },
  noise: { bytes: raw("\0\x01\x02\xfe\xff"), fits: [] },
  php: text("<?php system($_GET[0]); ?>"),
  html: text("<!doctype html><script>alert(1)</script>"),
  svg: text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  shell: text("#!/bin/sh\nrm -rf /\n"),
  words: text("a,b\n1,2\n"),
  "UTF-16": { bytes: raw("\xff\xfea\0b\0"), fits: ["text"] },
};

/** Text that begins like a format. Without an extension it counts as that format, with an unknown one as text. */
export const LETTERS: Content = { bytes: raw("BMW is a company"), is: "image/bmp", kind: "picture", fits: ["text"] };

export const NO_BYTES: Content = { bytes: raw(""), fits: ["text"] };

/** Declared types, with their kinds; none for types without a kind. */
export const DECLARED: readonly (readonly [declared: string | undefined, ...kinds: Kind[]])[] = [
  [undefined],
  [""],
  ["application/octet-stream"],
  ["binary/octet-stream"],
  ["application/x-download"],
  ["nonsense"],
  ["*/*"],
  ["x-music/x-midi"],
  ["application/x-of-nobody"],
  ["image/x", "picture"],
  ["IMAGE/PNG", "picture"],
  ["image/png; x=y", "picture"],
  ["image/*", "picture"],
  ["image/pjpeg", "picture"],
  ["image/svg+xml", "picture", "text"],
  ["text/plain", "text"],
  ["text/plain; charset=utf-8", "text"],
  ["text/html", "text"],
  ["text/x-markdown", "text"],
  ["text/x-php", "text"],
  ["text/xml", "text"],
  ["application/javascript", "text"],
  ["application/x-httpd-php", "text", "program"],
  ["application/vnd.ms-excel", "text", "document"],
  ["application/pdf", "document"],
  ["application/x-zip-compressed", "document"],
  ["application/msword", "document"],
  ["audio/x-wav", "film"],
  ["audio/mp3", "film"],
  ["video/mp4", "film"],
  ["application/ogg", "film"],
  ["application/font-woff2", "font"],
  ["application/x-msdownload", "program"],
];

/** Whether files of this type are text. */
function isText(type: string): boolean {
  return type.startsWith("text/") || ["application/json", "application/xml", "image/svg+xml"].includes(type);
}

/** A file made from the tables. */
export interface Case {
  /** The whole name, trimmed. */
  readonly name: string;
  /** The known extension, `"unknown"`, or `undefined` for none. */
  readonly extension: string | undefined;
  readonly content: Content;
  readonly kinds: readonly Kind[];
}

/** The types of extensions in `UNKNOWN` that name one, although its files cannot be checked. */
const UNCHECKED: Readonly<Record<string, string>> = { psd: "image/vnd.adobe.photoshop", sh: "application/x-sh" };

/** The type that a file is stored with, or 415 if it is refused. */
export function promised(
  { name, extension, content, kinds }: Case,
  accept: readonly string[] | undefined,
): string | 415 {
  const known = extension === undefined || extension === "unknown" ? undefined : TYPES[extension]!;
  const isFit = known !== undefined &&
    (content.fits.includes(known[0]) || content.fits.includes("text") && isText(known[0]));
  const seen = extension === "unknown" && content.fits.includes("text") ? undefined : content.is;
  const type = isFit ? known[0] : seen;
  const unchecked = extension === "unknown" ? UNCHECKED[name.toLowerCase().replace(/.*\./s, "")] : undefined;
  const stored = type ?? unchecked ?? "application/octet-stream";
  if (accept === undefined) return stored;
  if (known !== undefined && !isFit) return 415;

  const listed = accept.filter((one) =>
    one.startsWith(".") && name.toLowerCase().endsWith(one) && !name.includes("\u212a")
  );
  const isCovered = extension !== "unknown" &&
    (type === undefined
      ? accept.includes("application/octet-stream")
      : accept.includes(type) || accept.includes(type.replace(/\/.*/, "/*")));
  if (listed.length === 0 && !isCovered) return 415;

  if (known === undefined && content.kind === "program") {
    if (!listed.includes(".exe") && !accept.includes(content.is!)) return 415;
  }
  const own = known?.slice(1) ?? (seen !== undefined && content.kind !== undefined ? [content.kind] : []);
  if (own.length > 0 && kinds.length > 0 && !kinds.some((kind) => own.includes(kind))) return 415;
  return stored;
}
