import { guessContentType } from "../storage/content/content_type.ts";

/** Further extensions by type: what cameras, phones and office programs call files, beside the usual ones. */
const OTHER_EXTENSIONS: readonly (readonly [type: string, extensions: RegExp])[] = [
  ["image/jpeg", /\.(jfif|jpe|pjp|pjpeg)$/i],
  ["image/heif", /\.(heif|hif)$/i],
  ["audio/mp4", /\.m4b$/i],
  ["audio/matroska", /\.mka$/i],
  ["audio/aiff", /\.aiff?$/i],
  ["audio/amr", /\.amr$/i],
  ["audio/x-ms-wma", /\.wma$/i],
  ["video/x-msvideo", /\.avi$/i],
  ["video/x-ms-wmv", /\.wmv$/i],
  ["video/3gpp", /\.3gpp?$/i],
  ["video/3gpp2", /\.3g2$/i],
  ["text/plain", /\.(log|text)$/i],
  ["text/markdown", /\.markdown$/i],
  ["application/vnd.oasis.opendocument.spreadsheet", /\.ods$/i],
  ["application/vnd.oasis.opendocument.presentation", /\.odp$/i],
];

/** The type that a name's extension stands for; `undefined` where it has none, or one that is not known. */
export function namedType(name: string): string | undefined {
  return OTHER_EXTENSIONS.find(([, extensions]) => extensions.test(name))?.[0] ?? guessContentType(name);
}

/**
 * Whether a name has an extension of any kind. An empty one counts, as in `a.png.`, since Windows drops the dot. So do
 * characters that other programs take for a dot: those of Unicode that look like one, and `%2e`.
 */
export function hasExtension(name: string): boolean {
  return /[.\u3002]|%2e/i.test(name.normalize("NFKC")); // which also has "1." for U+2488, and "a.m." for U+33C2
}

/** Whether a name ends in this extension, which may have several dots. Letters are compared as ASCII alone. */
export function endsIn(name: string, extension: string): boolean {
  return lowerCase(name.slice(-extension.length)) === lowerCase(extension);
}

/** `toLowerCase` would take the Kelvin sign for a "k". */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
