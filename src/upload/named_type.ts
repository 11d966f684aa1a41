import { guessContentType } from "../storage/content/content_type.ts";

/** Further extensions by type, which cameras, phones and office programs use. */
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

/** The type of a name's extension; `undefined` without an extension, or for an unknown one. */
export function namedType(name: string): string | undefined {
  return OTHER_EXTENSIONS.find(([, extensions]) => extensions.test(name))?.[0] ?? guessContentType(name);
}

/**
 * Whether a name has an extension, known or not. An empty one counts, as in `a.png.`, since Windows drops the dot. So do
 * characters that other programs may read as a dot: similar ones of Unicode, and `%2e`.
 */
export function hasExtension(name: string): boolean {
  return /[.\u3002]|%2e/i.test(name.normalize("NFKC")); // NFKC also writes U+2488 as "1.", and U+33C2 as "a.m."
}

/** Whether a name ends with an extension, which may have several dots. Ignores case for ASCII letters only. */
export function endsIn(name: string, extension: string): boolean {
  return lowerCase(name.slice(-extension.length)) === lowerCase(extension);
}

/** Unlike `toLowerCase`, does not convert the Kelvin sign to "k". */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
