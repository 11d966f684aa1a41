import { ConfigurationError } from "../errors.ts";

/** An access point: a door to a bucket with a host of its own. */
export interface AccessPoint {
  /** What its requests are signed for. */
  readonly service: "s3" | "s3-object-lambda" | "s3-outposts";
  readonly region: string;
  /** What stands before the service in its host's name. */
  readonly label: string;
}

const ACCESS_POINT =
  /^arn:aws[a-z-]*:(s3|s3-object-lambda|s3-outposts):([a-z\d-]+):(\d{12}):(?:outpost[/:]([a-z\d-]+)[/:])?accesspoint[/:]([a-z\d][a-z\d-]{0,49})$/;

/**
 * Takes an access point's ARN apart. Slashes and colons both separate, as in botocore.
 * Source: AWS, "Referencing access points with ARNs, access point aliases, or virtual-hosted-style URIs".
 *
 * @throws {ConfigurationError} If it is no ARN of an access point, or of one that cannot be reached.
 */
export function parseAccessPoint(arn: string): AccessPoint {
  const [, service, region, account, outpost, name] = ACCESS_POINT.exec(arn) ?? [];
  if (service !== undefined && (service === "s3-outposts") === (outpost !== undefined)) {
    const label = `${name}-${account}` + (outpost === undefined ? "" : `.${outpost}`);
    return { service: service as AccessPoint["service"], region: region!, label };
  }
  if (/^arn:aws[a-z-]*:s3::\d{12}:accesspoint/.test(arn)) {
    throw new ConfigurationError(
      "bucketName cannot be a Multi-Region Access Point: those take only SigV4a signatures, which are not made here. " +
        `Use an access point of one region: current value is "${arn}"`,
    );
  }
  throw new ConfigurationError(
    "bucketName must be a bucket's name or an access point's ARN such as " +
      `"arn:aws:s3:eu-west-1:123456789012:accesspoint/name": current value is "${arn}"`,
  );
}
