/** Stored where nothing better is known. */
export const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/**
 * Subtypes and their extensions, by type; a bare word is both. What web sites and their users store.
 *
 * Source: the IANA media type registry. A compressed file is a type of its own here: called `gzip`-encoded, as Python
 * would have it, browsers would unpack a download that was meant to stay packed.
 */
const SUBTYPES: Readonly<Record<string, string>> = {
  application: "gzip=gz,tgz json=json,map manifest+json=webmanifest msword=doc pdf " +
    "vnd.ms-excel=xls vnd.ms-powerpoint=ppt " +
    "wasm x-tar=tar xml yaml=yaml,yml zip",
  audio: "aac flac mp4=m4a mpeg=mp3 ogg=oga,ogg,opus wav",
  font: "otf ttf woff woff2",
  image: "avif bmp gif heic jpeg=jpeg,jpg png svg+xml=svg tiff=tif,tiff vnd.microsoft.icon=ico webp",
  text: "calendar=ics css csv html=htm,html javascript=js,mjs markdown=md plain=txt vtt",
  video: "mp4=m4v,mp4 ogg=ogv quicktime=mov webm",
};

/** The media type that a name's extension stands for; `undefined` where it tells nothing. */
export function guessContentType(name: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined) return undefined;
  for (const [type, subtypes] of Object.entries(SUBTYPES)) {
    for (const entry of subtypes.split(" ")) {
      const [subtype, extensions = subtype] = entry.split("=");
      if (extensions!.split(",").includes(extension)) return `${type}/${subtype}`;
    }
  }
}
