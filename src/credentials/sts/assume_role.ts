import { ConfigurationError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkRange } from "../../settings/checks.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";
import { readCredentials } from "../sdk_shape.ts";
import { callSts, type StsSettings } from "./sts.ts";

/** The role to assume, and the credentials to assume it with. */
export interface AssumeRoleOptions extends StsSettings {
  /** The role's ARN. */
  readonly roleArn: string;
  /** The name of the session in the logs of AWS. @default a name with the time */
  readonly roleSessionName?: string | undefined;
  /** The external id that the role's owner requires of third parties. */
  readonly externalId?: string | undefined;
  /** The lifetime of the credentials, from 900 to 43200 seconds. @default that of STS, 3600 */
  readonly durationSeconds?: number | undefined;
  /** A policy (JSON) that restricts the permissions of the role. */
  readonly policy?: string | undefined;
  /** The credentials that may assume the role. */
  readonly source: CredentialProvider;
}

/**
 * Makes a provider of a role's credentials by AssumeRole of STS. Each call sends a request.
 *
 * @throws {ConfigurationError} If an option is malformed.
 */
export function assumeRole(options: AssumeRoleOptions): CredentialProvider {
  const { source, roleArn, roleSessionName, externalId, durationSeconds, policy, ...sts } = options;
  checkRole(roleArn, roleSessionName);
  if (durationSeconds !== undefined) checkRange("durationSeconds", durationSeconds, 900, 43_200, "seconds");
  return async () =>
    await callSts(sts, "AssumeRole", {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName ?? sessionName(sts.context.now()),
      ExternalId: externalId,
      DurationSeconds: durationSeconds?.toString(),
      Policy: policy,
    }, readCredentials(await source()));
}

/** @throws {ConfigurationError} If STS would refuse the ARN or the session name. */
export function checkRole(roleArn: string, roleSessionName: string | undefined): void {
  if (!/^arn:[\w-]+:iam::[^\s]+$/.test(roleArn)) {
    throw new ConfigurationError(
      `The role ARN must be like "arn:aws:iam::123456789012:role/media", got ${formatValue(roleArn)}`,
    );
  }
  if (roleSessionName !== undefined && !/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) {
    throw new ConfigurationError(
      `The role session name must be 2 to 64 letters, digits or any of +=,.@_-, got ${formatValue(roleSessionName)}`,
    );
  }
}

/** Returns the default name of a session. */
export function sessionName(now: Date): string {
  return `storages-s3-${now.getTime()}`;
}
