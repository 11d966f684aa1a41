import { guessContentType } from "../../storage/content/guess_type.ts";

/** Types that compress well. Most images, videos, WOFF fonts and archives are compressed already. */
const COMPRESSIBLE =
  /^(text\/.*|.*[/+](json|xml|javascript|yaml)|application\/(wasm|rtf|vnd\.ms-fontobject|x-tar)|font\/(otf|ttf)|image\/(bmp|vnd\.microsoft\.icon))$/;

/** Whether the extension of a name is of a type that compresses well. */
export function isCompressible(name: string): boolean {
  return COMPRESSIBLE.test(guessContentType(name) ?? "");
}
