/** The media type of files whose type is unknown. */
export const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/**
 * Subtypes and their extensions, by type; a bare word is both. Contains what web sites and their users commonly store.
 *
 * Source: the IANA media type registry. A compressed file has its own type here. Python sets the encoding `gzip`
 * instead, but then browsers would decompress a download that must stay compressed.
 */
const SUBTYPES: Readonly<Record<string, string>> = {
  application: "epub+zip=epub gzip=gz,tgz json=json,map ld+json=jsonld manifest+json=webmanifest msword=doc pdf rtf " +
    "vnd.ms-excel=xls vnd.ms-fontobject=eot vnd.ms-powerpoint=ppt vnd.oasis.opendocument.text=odt " +
    "vnd.openxmlformats-officedocument.presentationml.presentation=pptx " +
    "vnd.openxmlformats-officedocument.spreadsheetml.sheet=xlsx " +
    "vnd.openxmlformats-officedocument.wordprocessingml.document=docx " +
    "wasm x-7z-compressed=7z x-bzip2=bz2 x-tar=tar xhtml+xml=xhtml xml yaml=yaml,yml zip zstd=zst",
  audio: "aac flac midi=mid,midi mp4=m4a mpeg=mp3 ogg=oga,ogg,opus wav webm=weba",
  font: "otf ttf woff woff2",
  image: "apng avif bmp gif heic jpeg=jpeg,jpg jxl png svg+xml=svg tiff=tif,tiff vnd.microsoft.icon=ico webp",
  text: "calendar=ics css csv html=htm,html javascript=js,mjs markdown=md plain=txt tab-separated-values=tsv vtt",
  video: "matroska=mkv mp4=m4v,mp4 mpeg=mpeg,mpg ogg=ogv quicktime=mov webm",
};

/** Guesses the media type from a name's extension; `undefined` if the extension is unknown. */
export function guessContentType(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : (typeOf ??= typesByExtension()).get(extension);
}

let typeOf: ReadonlyMap<string, string> | undefined;

function typesByExtension(): Map<string, string> {
  const types = new Map<string, string>();
  for (const [type, subtypes] of Object.entries(SUBTYPES)) {
    for (const entry of subtypes.split(" ")) {
      const [subtype, extensions = subtype] = entry.split("=");
      for (const extension of extensions!.split(",")) {
        if (!types.has(extension)) types.set(extension, `${type}/${subtype}`);
      }
    }
  }
  return types;
}
