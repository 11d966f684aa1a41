import { partitionOf } from "../aws/partitions.ts";
import type { Settings } from "../settings/resolve.ts";

/** The features that a policy can allow. */
export const FEATURES = ["list", "read", "write", "delete"] as const;
export type Feature = typeof FEATURES[number];

/** A statement of an IAM policy. */
interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal?: { readonly AWS: string } | undefined;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> | undefined;
}

/** Input of {@linkcode policyDocument}. */
export interface PolicyRequest {
  readonly settings: Settings;
  /** The folder that the policy covers: empty, or ending in a slash. */
  readonly location: string;
  readonly features: readonly Feature[];
  /** The user or role of a bucket policy; without one, the policy is attached to a user or role. */
  readonly principal?: string | undefined;
  /** The CloudFront distribution in which paths may be invalidated. */
  readonly distributionId?: string | undefined;
}

/**
 * The minimal IAM policy for the settings.
 *
 * Source: "IAM Policy" of django-storages' page on S3, whose policy covers the whole bucket.
 */
export function policyDocument(request: PolicyRequest): { readonly Version: string; readonly Statement: Statement[] } {
  const { settings, location, features, principal, distributionId } = request;
  const { bucket, objects } = resources(settings, location);
  const statements: Statement[] = [];
  const add = (
    Sid: string,
    Action: readonly string[],
    Resource: readonly string[],
    Condition?: Statement["Condition"],
  ): void => {
    const who = principal === undefined ? {} : { Principal: { AWS: principal } };
    statements.push({
      Sid,
      Effect: "Allow",
      ...who,
      Action,
      Resource,
      ...(Condition === undefined ? {} : { Condition }),
    });
  };
  if (features.includes("list")) {
    const prefix = pattern(location);
    const condition = { StringLike: { "s3:prefix": [prefix, `${prefix}*`] } };
    add("List", ["s3:ListBucket"], [bucket], location === "" ? undefined : condition);
  }
  for (const feature of ["read", "write", "delete"] as const) {
    if (features.includes(feature)) add(TITLES[feature], actionsOf(feature, settings), [objects]);
  }
  const key = kmsKey(settings);
  if (key !== undefined && principal === undefined) {
    const actions = [
      ...(features.includes("write") ? ["kms:GenerateDataKey"] : []),
      // Completing a multipart upload needs permission to decrypt its parts.
      ...(features.includes("read") || features.includes("write") ? ["kms:Decrypt"] : []),
    ];
    if (actions.length > 0) add("Encrypt", actions, [key]);
  }
  if (distributionId !== undefined) {
    const distribution = `arn:${arnPartition(settings)}:cloudfront::*:distribution/${distributionId}`;
    add("Invalidate", ["cloudfront:CreateInvalidation"], [distribution]);
  }
  return { Version: "2012-10-17", Statement: statements };
}

const TITLES = { read: "Read", write: "Write", delete: "Delete" } as const;

/** The permissions on objects that a feature needs with these settings. */
export function actionsOf(feature: Exclude<Feature, "list">, { defaultAcl, objectParameters }: Settings): string[] {
  const has = (...names: (keyof typeof objectParameters)[]): boolean =>
    names.some((name) => objectParameters[name] !== undefined);
  switch (feature) {
    case "read":
      return ["s3:GetObject", ...(has("VersionId") ? ["s3:GetObjectVersion"] : [])];
    case "delete":
      return ["s3:DeleteObject", ...(has("VersionId") ? ["s3:DeleteObjectVersion"] : [])];
    case "write":
      return [
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
        ...(defaultAcl || has("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")
          ? ["s3:PutObjectAcl"]
          : []),
        ...(has("Tagging") ? ["s3:PutObjectTagging"] : []),
        ...(has("ObjectLockMode", "ObjectLockRetainUntilDate") ? ["s3:PutObjectRetention"] : []),
        ...(has("ObjectLockLegalHoldStatus") ? ["s3:PutObjectLegalHold"] : []),
      ];
  }
}

function resources(settings: Settings, location: string): { bucket: string; objects: string } {
  const { bucketName } = settings;
  const isArn = bucketName.startsWith("arn:");
  const bucket = isArn ? bucketName : `arn:${arnPartition(settings)}:s3:::${bucketName}`;
  return { bucket, objects: `${bucket}/${isArn ? "object/" : ""}${pattern(location)}*` };
}

/** The partition in ARNs: that of the bucket's ARN, else that of the region. */
function arnPartition({ bucketName, regionName }: Settings): string {
  return /^arn:([^:]*):/.exec(bucketName)?.[1] ?? partitionOf(regionName).name;
}

function kmsKey(settings: Settings): string | undefined {
  const { SSEKMSKeyId: key, ServerSideEncryption: encryption } = settings.objectParameters;
  if (key === undefined || !encryption?.startsWith("aws:kms")) return undefined;
  if (key.startsWith("arn:")) return key;
  return `arn:${arnPartition(settings)}:kms:${settings.regionName}:*:${
    key.startsWith("alias/") ? "key/*" : `key/${key}`
  }`;
}

/** Escapes the wildcards and variables of policies. */
function pattern(text: string): string {
  return text.replace(/[*?$]/g, "${$&}");
}
