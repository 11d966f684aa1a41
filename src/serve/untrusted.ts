/** The policy of untrusted documents: they may only be shown, with their own styles and images. */
export const POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/**
 * Types that browsers render themselves, so that the policy applies. Other types are opened by plug-ins, viewers or other
 * programs, which may run scripts despite the policy, as Chromium's PDF viewer does; or they contain documents, as
 * `multipart/related` does.
 */
const SHOWN = /^(audio|font|image|text|video)\/(?!pdf$)|^application\/([\w.-]+\+)?(json|xml)$/;

/** Source: the WHATWG MIME Sniffing Standard, "JavaScript MIME type". */
const SCRIPT = /^(application|text)\/(x-)?(ecma|java|j|live)script(1\.\d)?$/;

/** Source: RFC 6838, section 4.2, and RFC 9110, section 8.3.1. */
const MEDIA_TYPE = /^([a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*)(.*)$/is;

/** Source: RFC 9110, section 5.6.6, without quoted pairs, which parameters do not need. */
const PARAMETERS = /^(\s*;\s*[\w!#$%&'*+.^`|~-]+=([\w!#$%&'*+.^`|~-]+|"[^"\\]*"))*\s*;?$/;

/** The most characters of a type. Registered types with parameters are less than half as long. */
const MAX_CHARACTERS = 255;

/** How an untrusted file is sent. */
export interface Precautions {
  /** A well-formed type, which all browsers interpret alike. */
  readonly contentType: string;
  /** Whether it may only be downloaded. */
  readonly isAttachment: boolean;
  /** The Content-Security-Policy; `undefined` for audio and video, which Chromium would not play with it. */
  readonly policy: string | undefined;
}

/**
 * How a file of a type is sent safely, for any bytes: with `nosniff` browsers use only the type, and if they do not, the
 * policy blocks all scripts of a document.
 *
 * @param type The type of the file.
 * @param isGiven Whether the caller of `serve` set the type, so that JavaScript is intended.
 */
export function precautionsFor(type: string, isGiven: boolean): Precautions {
  const [, essence, rest = ""] = type.length > MAX_CHARACTERS ? [] : MEDIA_TYPE.exec(type.trim()) ?? [];
  const known = essence?.toLowerCase() ?? "";
  if (SCRIPT.test(known) && !isGiven) {
    // A page with a policy of script-src 'self' would run it.
    const [charset = ""] = /;\s*charset=[\w-]+/i.exec(rest) ?? [];
    return { contentType: `text/plain${charset}`, isAttachment: false, policy: POLICY };
  }
  return {
    contentType: essence === undefined ? "application/octet-stream" : PARAMETERS.test(rest) ? essence + rest : essence,
    isAttachment: !SHOWN.test(known),
    // Types that end in +xml are documents, even under audio/.
    policy: /^(audio|video)\/[^+]+$/.test(known) ? undefined : POLICY,
  };
}
