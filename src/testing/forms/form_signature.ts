import { encodeBase64, encodeHex } from "../../kit/bytes/bytes.ts";
import { signWith } from "../authentication/credential_book.ts";
import { type AuthenticationSettings, checkClock } from "../authentication/identity.ts";
import { parseTimestamp } from "../authentication/timestamp.ts";
import { equalInConstantTime } from "../payload/digests.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

/** The signature of a form, and the one that its policy must have. */
interface FormSignature {
  readonly accessKeyId: string;
  readonly given: string;
  readonly expected: string;
}

/** Checks the signature of a form's policy; nothing else of a form is signed. */
export async function checkFormSignature(
  fields: ReadonlyMap<string, string>,
  policy: string,
  settings: AuthenticationSettings,
): Promise<void> {
  const read = fields.has("x-amz-signature") ? readSigV4 : readSigV2;
  const { accessKeyId, given, expected } = await read(fields, policy, settings);
  if (equalInConstantTime(given, expected)) return;
  throw new S3ServerError("SignatureDoesNotMatch", undefined, {
    AWSAccessKeyId: accessKeyId,
    StringToSign: policy,
    SignatureProvided: given,
  });
}

async function readSigV4(
  fields: ReadonlyMap<string, string>,
  policy: string,
  settings: AuthenticationSettings,
): Promise<FormSignature> {
  if (fields.get("x-amz-algorithm") !== "AWS4-HMAC-SHA256") {
    throw invalidArgument('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256"', "x-amz-algorithm", "");
  }
  const pieces = (fields.get("x-amz-credential") ?? "").split("/");
  const [date = "", region = "", service = "", terminator] = pieces.splice(-4);
  const accessKeyId = pieces.join("/");
  const timestamp = fields.get("x-amz-date") ?? "";
  const time = parseTimestamp(timestamp);
  if (
    time === undefined || date !== timestamp.slice(0, 8) || region !== settings.region || service !== "s3" ||
    terminator !== "aws4_request"
  ) {
    throw new S3ServerError("AuthorizationQueryParametersError", "The credential or date of the form is malformed", {
      Region: settings.region,
    });
  }
  // The expiration of the policy limits how long a form is valid, so only a time in the future is refused.
  if (time > settings.now) checkClock(time, timestamp, settings.now);
  settings.credentials.check(accessKeyId, fields.get("x-amz-security-token"), settings.now);
  const key = await settings.credentials.signingKey(accessKeyId, date, region, service);
  return { accessKeyId, given: fields.get("x-amz-signature")!, expected: encodeHex(await signWith(key, policy)) };
}

async function readSigV2(
  fields: ReadonlyMap<string, string>,
  policy: string,
  settings: AuthenticationSettings,
): Promise<FormSignature> {
  const accessKeyId = fields.get("awsaccesskeyid") ?? "";
  const given = fields.get("signature") ?? "";
  if (accessKeyId === "" || given === "") {
    throw invalidArgument("Bucket POST must contain a field named 'AWSAccessKeyId'.", "AWSAccessKeyId", "");
  }
  settings.credentials.check(accessKeyId, fields.get("x-amz-security-token"), settings.now);
  const key = await settings.credentials.legacyKey(accessKeyId);
  return { accessKeyId, given, expected: encodeBase64(await signWith(key, policy)) };
}
