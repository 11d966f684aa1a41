import { byName } from "./checks.ts";

/** Parameters that are part of what is signed; all others are not. Source: AWS, "Signing and authenticating REST requests". */
const SIGNED_PARAMETERS = new RegExp(
  "^(acl|cors|delete|lifecycle|location|logging|notification|object-lock|partNumber|policy|requestPayment|restore|" +
    "tagging|torrent|uploads|uploadId|versions|versionId|versioning|website|" +
    "response-(cache-control|content-(disposition|encoding|language|type)|expires))$",
);

/** The parameters that are signed, by name; without percent-encoding, and without `=` where there is no value. */
export function signedQuery(pairs: ReadonlyArray<readonly [string, string]>): string {
  const signed = pairs.filter(([name]) => SIGNED_PARAMETERS.test(name))
    .toSorted(byName)
    .map(([name, value]) => value === "" ? name : `${name}=${value}`);
  return signed.length === 0 ? "" : `?${signed.join("&")}`;
}
