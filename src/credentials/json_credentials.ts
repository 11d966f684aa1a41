import { ServiceError } from "../errors.ts";
import { parseJsonObject } from "./json_object.ts";
import { type Answer, type Question, refusal } from "./endpoints/credential_request.ts";
import { issue, type Issued } from "./endpoints/issued_credentials.ts";
import type { Credentials } from "../aws/credentials.ts";

/**
 * Reads the JSON document that the container and instance metadata services answer with.
 *
 * @param optional Parts that it may lack.
 * @throws {StorageError} If it is a refusal, or no such document.
 */
export function readJsonCredentials(
  question: Question,
  answer: Answer,
  optional: ReadonlyArray<keyof Issued> = [],
): Credentials {
  const document = parseJsonObject(answer.text);
  const code = text(document?.Code ?? document?.code);
  if (answer.status !== 200 || (code !== undefined && code !== "Success")) {
    throw refusal(question, answer, { code, message: text(document?.Message ?? document?.message) });
  }
  const { operation } = question;
  if (document === undefined) {
    throw new ServiceError(`${operation} failed: the answer is no JSON object`, { operation });
  }
  return issue(question, {
    accessKeyId: document.AccessKeyId,
    secretAccessKey: document.SecretAccessKey,
    sessionToken: document.Token,
    expiration: document.Expiration,
  }, optional);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
