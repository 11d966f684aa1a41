import { ConfigurationError } from "../errors.ts";
import { partitionOf } from "./partitions.ts";

/** An access point: another way into a bucket, with a host name, a policy and an ARN. */
export interface AccessPoint {
  /** The service that its requests are signed for. */
  readonly service: "s3" | "s3-object-lambda" | "s3-outposts";
  /** The region that its requests are signed for and sent to. */
  readonly region: string;
  /** The part of its host name before the service. */
  readonly label: string;
}

const ACCESS_POINT =
  /^arn:(aws[a-z-]*):(s3|s3-object-lambda|s3-outposts):([a-z\d-]+):(\d{12}):(?:outpost[/:]([a-z\d-]+)[/:])?accesspoint[/:]([a-z\d][a-z\d-]{0,49})$/;

/**
 * Parses the ARN of an access point. Slashes and colons both separate, as in botocore.
 * Source: AWS, "Referencing access points with ARNs, access point aliases, or virtual-hosted-style URIs".
 *
 * @throws {ConfigurationError} If it is not the ARN of an access point, its partition is not the region's, or it is a
 * Multi-Region Access Point.
 */
export function parseAccessPoint(arn: string): AccessPoint {
  const [, partition, service, region = "", account, outpost, name] = ACCESS_POINT.exec(arn) ?? [];
  if (
    service !== undefined && (service === "s3-outposts") === (outpost !== undefined) &&
    partition === partitionOf(region).name
  ) {
    const label = `${name}-${account}` + (outpost === undefined ? "" : `.${outpost}`);
    return { service: service as AccessPoint["service"], region, label };
  }
  if (/^arn:aws[a-z-]*:s3::\d{12}:accesspoint/.test(arn)) {
    throw new ConfigurationError(
      `bucketName must be an access point of one region, as multi-region ones need SigV4a, got "${arn}"`,
    );
  }
  throw new ConfigurationError(
    "bucketName must be a bucket name or the ARN of an access point such as " +
      `"arn:aws:s3:eu-west-1:123456789012:accesspoint/name", got "${arn}"`,
  );
}
