import { ServiceError } from "../errors.ts";
import { parseJsonObject } from "./json_object.ts";
import { type CredentialRequest, type CredentialResponse, refusalError } from "./endpoints/credential_request.ts";
import { type Issued, readIssued } from "./endpoints/issued_credentials.ts";
import type { Credentials } from "../aws/credentials.ts";

/**
 * Reads the JSON response of the container and instance metadata services.
 *
 * @param optional Parts that may be missing.
 * @throws {StorageError} If the service refused, or the response is malformed.
 */
export function readJsonCredentials(
  request: CredentialRequest,
  response: CredentialResponse,
  optional: ReadonlyArray<keyof Issued> = [],
): Credentials {
  const document = parseJsonObject(response.text);
  const code = text(document?.Code ?? document?.code);
  if (response.status !== 200 || (code !== undefined && code !== "Success")) {
    throw refusalError(request, response, { code, message: text(document?.Message ?? document?.message) });
  }
  const { operation } = request;
  if (document === undefined) {
    throw new ServiceError(`Invalid response to ${operation}: not a JSON object`, { operation });
  }
  return readIssued(request, {
    accessKeyId: document.AccessKeyId,
    secretAccessKey: document.SecretAccessKey,
    sessionToken: document.Token,
    expiration: document.Expiration,
  }, optional);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
