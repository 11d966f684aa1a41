import { ConfigurationError } from "../../errors.ts";
import { unknownName } from "../../kit/text/closest.ts";
import { ignoresEndpoints, readRows, type RetrySettings, type Row } from "../profile_values.ts";
import type { Profile } from "./profile_files.ts";

/** The settings in a profile, by the names of options. Settings that the profile does not have are missing. */
export interface ProfileSettings {
  readonly regionName?: string;
  readonly endpointUrl?: string;
  readonly addressingStyle?: string;
  readonly signatureVersion?: string;
  /** The path of a file with certificates. */
  readonly verify?: string;
  readonly useAccelerateEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
  readonly useFipsEndpoint?: boolean;
  readonly usEast1RegionalEndpoint?: string;
  readonly requestChecksumCalculation?: string;
  readonly responseChecksumValidation?: string;
  readonly transferConfig?: {
    readonly multipartThreshold?: number;
    readonly partSize?: number;
    readonly maxConcurrency?: number;
  };
  readonly clientConfig?: RetrySettings;
}

const ROWS: readonly Row[] = [
  ["regionName", "text", "region"],
  ["addressingStyle", "word", "s3.addressing_style"],
  ["signatureVersion", "text", "s3.signature_version"],
  ["verify", "text", "ca_bundle"],
  ["useAccelerateEndpoint", "boolean", "s3.use_accelerate_endpoint"],
  ["useDualstackEndpoint", "boolean", "s3.use_dualstack_endpoint", "use_dualstack_endpoint"],
  ["useFipsEndpoint", "boolean", "use_fips_endpoint"],
  ["usEast1RegionalEndpoint", "word", "s3_us_east_1_regional_endpoint", "s3.us_east_1_regional_endpoint"],
  ["requestChecksumCalculation", "word", "request_checksum_calculation"],
  ["responseChecksumValidation", "word", "response_checksum_validation"],
];
const TRANSFER_ROWS: readonly Row[] = [
  ["multipartThreshold", "size", "s3.multipart_threshold"],
  ["partSize", "size", "s3.multipart_chunksize"],
  ["maxConcurrency", "integer", "s3.max_concurrent_requests"],
];

/**
 * Reads the settings of a profile.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Settings reference"; AWS CLI, "S3 Configuration".
 *
 * @throws {ConfigurationError} If a value has the wrong type. Ranges are checked later, with all settings.
 */
export function profileSettings(
  profile: Profile,
  environment: (name: string) => string | undefined,
): ProfileSettings {
  const endpointUrl = profileEndpoint(profile, "s3", environment);
  const transferConfig = readRows(profile, TRANSFER_ROWS);
  return Object.freeze({
    ...readRows(profile, ROWS),
    ...endpointUrl !== undefined && { endpointUrl },
    ...transferConfig && { transferConfig },
  });
}

/**
 * Returns the endpoint of a service in a profile, by the name of the service in the files: `s3`, `sts`, `sso_oidc`.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
 *
 * @returns `undefined` if there is none, or endpoints are ignored.
 * @throws {ConfigurationError} If the `services` section that the profile names is missing.
 */
export function profileEndpoint(
  profile: Profile,
  service: string,
  environment: (name: string) => string | undefined,
): string | undefined {
  if (ignoresEndpoints(profile, environment)) return undefined;
  const name = profile.get("services");
  const services = name === undefined ? undefined : profile.files.services.get(name);
  if (name !== undefined && services === undefined) {
    throw new ConfigurationError(
      `Profile '${profile.name}' refers to services: ${
        unknownName("section [services …]", name, [...profile.files.services.keys()])
      }`,
    );
  }
  return services?.nested(service).get("endpoint_url") ?? profile.get("endpoint_url");
}
