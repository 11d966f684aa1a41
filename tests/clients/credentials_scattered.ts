/** Parts of credentials in several places: key, secret and token must be of one place. */
import type { S3StorageOptions } from "../../mod.ts";

/** The only credentials that the server accepts. */
export const KEYS = { accessKeyId: "AKIASTAGE", secretAccessKey: "hunter2-stage" };

/** The same credentials in a profile. */
export const KEY_LINES = `aws_access_key_id = ${KEYS.accessKeyId}\naws_secret_access_key = ${KEYS.secretAccessKey}\n`;
/** The places of parts of credentials, and the place that is used, or a part of the error. */
export const SCATTERED: Record<string, {
  readonly variables?: Record<string, string>;
  readonly config?: string;
  readonly credentials?: string;
  readonly options?: S3StorageOptions;
  readonly refused?: string;
}> = {
  "options and the variable of a token": {
    options: { accessKey: KEYS.accessKeyId, secretKey: KEYS.secretAccessKey },
    variables: { AWS_SESSION_TOKEN: "hunter2-other", AWS_SECURITY_TOKEN: "hunter2-other" },
  },
  "options, and other keys in variables and files": {
    options: { accessKey: KEYS.accessKeyId, secretKey: KEYS.secretAccessKey },
    variables: { AWS_ACCESS_KEY_ID: "other", AWS_SECRET_ACCESS_KEY: "hunter2-other" },
    credentials: "[default]\naws_access_key_id = other\naws_secret_access_key = hunter2-other",
  },
  "one half of a key pair in options, the other in a variable": {
    options: { accessKey: KEYS.accessKeyId },
    variables: { AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
    refused: "secretKey is missing",
  },
  "AWS_S3_ variables, and the token of the AWS_ variables": {
    variables: {
      AWS_S3_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_S3_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_ACCESS_KEY_ID: "other",
      AWS_SECRET_ACCESS_KEY: "hunter2-other",
      AWS_SESSION_TOKEN: "hunter2-other",
    },
  },
  "one half of a key pair in variables, the other in a profile": {
    variables: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId },
    credentials: `[default]\n${KEY_LINES}`,
    refused: "secretKey is missing",
  },
  "the variable of a token, and keys in a profile": {
    variables: { AWS_SESSION_TOKEN: "hunter2-other" },
    credentials: `[default]\n${KEY_LINES}`,
    refused: "accessKey is missing",
  },
  "variables, and a profile in AWS_PROFILE": {
    variables: {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_PROFILE: "work",
    },
    config: "[profile work]\naws_access_key_id = other\naws_secret_access_key = x\naws_session_token = hunter2-other",
  },
  "a profile in both files": {
    config: "[default]\naws_access_key_id = other\naws_session_token = hunter2-other",
    credentials: `[default]\n${KEY_LINES}`,
  },
  "a profile with a key in one file and its secret in the other": {
    config: `[default]\naws_secret_access_key = ${KEYS.secretAccessKey}`,
    credentials: `[default]\naws_access_key_id = ${KEYS.accessKeyId}`,
    refused: "aws_secret_access_key is missing",
  },
  "a named profile, and the token of another": {
    options: { sessionProfile: "work" },
    config: "[default]\naws_session_token = hunter2-other",
    credentials: `[work]\n${KEY_LINES}[default]\naws_access_key_id = other\naws_secret_access_key = x`,
  },
  "a named profile, and variables": {
    options: { sessionProfile: "work" },
    credentials: `[work]\n${KEY_LINES}`,
    variables: { AWS_ACCESS_KEY_ID: "other", AWS_SECRET_ACCESS_KEY: "hunter2-other" },
    refused: "sessionProfile (AWS_S3_SESSION_PROFILE) cannot be combined",
  },
};
