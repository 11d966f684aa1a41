/** What no document may do that strangers have stored: anything but show itself, with its own styles and pictures. */
export const POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";

/**
 * Types that browsers show by themselves, so that the policy reaches them. All others go to a plug-in, a viewer or another
 * program, which may run scripts whatever the policy says, as Chromium's viewer of PDF does; or they hold documents of
 * their own, as `multipart/related` does.
 */
const SHOWN = /^(audio|font|image|text|video)\/(?!pdf$)|^application\/([\w.-]+\+)?(json|xml)$/;

/** Source: the WHATWG MIME Sniffing Standard, "JavaScript MIME type". */
const SCRIPT = /^(application|text)\/(x-)?(ecma|java|j|live)script(1\.\d)?$/;

/** Source: RFC 6838, section 4.2, and RFC 9110, section 8.3.1. */
const MEDIA_TYPE = /^([a-z0-9][\w!#$&^.+-]*\/[a-z0-9][\w!#$&^.+-]*)(.*)$/is;

/** Source: RFC 9110, section 5.6.6, without quoted pairs, which no parameter needs. */
const PARAMETERS = /^(\s*;\s*[\w!#$%&'*+.^`|~-]+=([\w!#$%&'*+.^`|~-]+|"[^"\\]*"))*\s*;?$/;

/** No type that is registered is half as long, with all its parameters. */
const MOST_CHARACTERS = 255;

/** How a file is answered that nobody vouches for. */
export interface Precautions {
  /** A type that all browsers understand alike. */
  readonly contentType: string;
  /** Whether it is only to be downloaded. */
  readonly isAttachment: boolean;
  /** The Content-Security-Policy; none for audio and video, which Chromium would not play then. */
  readonly policy: string | undefined;
}

/**
 * How a file of a type is answered safely, whatever its bytes are: with `nosniff` browsers go by the type alone, and where
 * they might not, the policy leaves a document no script.
 *
 * @param type The type it is called by.
 * @param isGiven Whether the caller of `serve` gave the type, and knows better what it is for.
 */
export function precautionsFor(type: string, isGiven: boolean): Precautions {
  const [, essence, rest = ""] = type.length > MOST_CHARACTERS ? [] : MEDIA_TYPE.exec(type.trim()) ?? [];
  const known = essence?.toLowerCase() ?? "";
  if (SCRIPT.test(known) && !isGiven) {
    // A page whose policy allows scripts of its own site would run it.
    return { contentType: "text/plain", isAttachment: false, policy: POLICY };
  }
  return {
    contentType: essence === undefined ? "application/octet-stream" : PARAMETERS.test(rest) ? essence + rest : essence,
    isAttachment: !SHOWN.test(known),
    // Whatever ends in +xml is a document, also below audio.
    policy: /^(audio|video)\/[^+]+$/.test(known) ? undefined : POLICY,
  };
}
