import { guessContentType } from "../storage/content/guess_type.ts";

/**
 * Extensions whose files have known first bytes, or are text. Only these can be accepted by a type: the bytes of others cannot
 * be checked. Scripts of systems, such as `.bat`, are not among them, although their type is that of text.
 */
const CHECKED_EXTENSIONS: ReadonlySet<string> = new Set(
  ("3g2 3gp 3gpp 7z aac aif aiff amr apng avi avif bmp bz2 css csv doc docx eot epub flac gif gz heic " +
    "heif hif htm html ico ics jfif jpe jpeg jpg js json jsonld jxl log m4a m4b m4v map markdown md mid " +
    "midi mjs mka mkv mov mp3 mp4 mpeg mpg odp ods odt oga ogg ogv opus otf pdf pjp pjpeg png ppt pptx rtf " +
    "svg tar text tgz tif tiff tsv ttf txt vtt wasm wav weba webm webmanifest webp wma wmv woff woff2 " +
    "xhtml xls xlsx xml yaml yml zip zst").split(" "),
);

/** The type of a name's extension; `undefined` without an extension, or for one whose files cannot be checked. */
export function namedType(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return extension !== undefined && CHECKED_EXTENSIONS.has(extension) ? guessContentType(name) : undefined;
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
