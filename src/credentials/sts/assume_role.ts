import { ConfigurationError } from "../../errors.ts";
import { checkRange } from "../../settings/checks.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";
import { readCredentials } from "../sdk_shape.ts";
import { askSts, type StsPlace } from "./sts.ts";

/** Whom to be, and who one is before. */
export interface AssumeRoleOptions extends StsPlace {
  /** The role's ARN. */
  readonly roleArn: string;
  /** What the role's use is called in logs. @default a name with the time */
  readonly roleSessionName?: string | undefined;
  /** What the role's owner asks a third party for. */
  readonly externalId?: string | undefined;
  /** How long the credentials live, from 900 to 43200 seconds. @default what STS does, 3600 */
  readonly durationSeconds?: number | undefined;
  /** A policy (JSON) that narrows down what the role may do. */
  readonly policy?: string | undefined;
  /** The credentials that may assume the role. */
  readonly source: CredentialProvider;
}

/**
 * Credentials of a role, by STS AssumeRole. Each call asks STS.
 *
 * @throws {ConfigurationError} If an option cannot be right.
 */
export function assumeRole(options: AssumeRoleOptions): CredentialProvider {
  const { source, roleArn, roleSessionName, externalId, durationSeconds, policy, ...place } = options;
  checkRole(roleArn, roleSessionName);
  if (durationSeconds !== undefined) checkRange("durationSeconds", durationSeconds, 900, 43_200, "seconds");
  return async () =>
    await askSts(place, "AssumeRole", {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName ?? sessionName(place.context.now()),
      ExternalId: externalId,
      DurationSeconds: durationSeconds?.toString(),
      Policy: policy,
    }, readCredentials(await source()));
}

/** @throws {ConfigurationError} If STS would not take them. */
export function checkRole(roleArn: string, roleSessionName: string | undefined): void {
  if (!/^arn:[\w-]+:iam::[^\s]+$/.test(roleArn)) {
    throw new ConfigurationError(
      `The role must be an ARN such as "arn:aws:iam::123456789012:role/media": current value is "${roleArn}"`,
    );
  }
  if (roleSessionName !== undefined && !/^[\w+=,.@-]{2,64}$/.test(roleSessionName)) {
    throw new ConfigurationError(
      `The role's session name must be 2 to 64 letters, digits or any of +=,.@_-: current value is "${roleSessionName}"`,
    );
  }
}

/** A name for a session that nobody has named. */
export function sessionName(now: Date): string {
  return `storages-s3-${now.getTime()}`;
}
