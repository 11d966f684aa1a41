import { byName } from "./checks.ts";

/** Query parameters that version 2 signs. Source: AWS, "Signing and authenticating REST requests". */
const SIGNED_PARAMETERS = new RegExp(
  "^(acl|cors|delete|lifecycle|location|logging|notification|object-lock|partNumber|policy|requestPayment|restore|" +
    "tagging|torrent|uploads|uploadId|versions|versionId|versioning|website|" +
    "response-(cache-control|content-(disposition|encoding|language|type)|expires))$",
);

/** Returns the signed parameters, sorted by name, not percent-encoded, and without `=` where the value is empty. */
export function signedQuery(pairs: ReadonlyArray<readonly [string, string]>): string {
  const signed = pairs.filter(([name]) => SIGNED_PARAMETERS.test(name))
    .toSorted(byName)
    .map(([name, value]) => value === "" ? name : `${name}=${value}`);
  return signed.length === 0 ? "" : `?${signed.join("&")}`;
}
