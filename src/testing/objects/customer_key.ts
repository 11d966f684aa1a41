import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { decodeBase64 } from "../payload/digests.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

/** The prefixes of the SSE-C headers; all but the key are stored with the object. */
const OWN = "x-amz-server-side-encryption-customer-";
const OF_COPY_SOURCE = "x-amz-copy-source-server-side-encryption-customer-";

const KEY_BYTES = 32;

/** The SSE-C headers to store: the algorithm and the MD5 of the key. */
export function customerKeyHeaders(headers: Headers): Array<[string, string]> {
  const keyMd5 = readCustomerKey(headers, OWN);
  return keyMd5 === undefined ? [] : [[`${OWN}algorithm`, "AES256"], [`${OWN}key-md5`, keyMd5]];
}

/** Refuses a request whose customer key is missing, differs from that of the object, or is not needed. */
export function checkCustomerKey(
  headers: Headers,
  stored: ReadonlyMap<string, string>,
  of: "object" | "copy source" = "object",
): void {
  const needed = stored.get(`${OWN}key-md5`);
  const given = readCustomerKey(headers, of === "object" ? OWN : OF_COPY_SOURCE);
  if (given === needed) return;
  if (given !== undefined && needed !== undefined) throw new S3ServerError("AccessDenied");
  throw new S3ServerError(
    "InvalidRequest",
    needed === undefined
      ? "The encryption parameters are not applicable to this object."
      : "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
  );
}

/** The MD5 of the customer key of a request. */
function readCustomerKey(headers: Headers, prefix: string): string | undefined {
  const [algorithm, key, keyMd5] = ["algorithm", "key", "key-md5"].map((name) => headers.get(prefix + name));
  if (algorithm === null && key === null && keyMd5 === null) return undefined;
  if (algorithm !== "AES256") {
    throw new S3ServerError("InvalidArgument", "The requested encryption algorithm is not valid, must be AES256.");
  }
  const bytes = decodeBase64(key ?? "");
  if (bytes?.length !== KEY_BYTES) {
    throw new S3ServerError("InvalidArgument", "The secret key was invalid for the specified algorithm.");
  }
  if (encodeBase64(md5(bytes)) === keyMd5) return keyMd5;
  throw invalidArgument(
    "The calculated MD5 hash of the key did not match the hash that was provided.",
    `${prefix}key-MD5`,
    keyMd5 ?? "",
  );
}
