import type { S3StorageOptions } from "./options.ts";

/**
 * Settings by the names of django-storages, for `S3Storage.fromSettings`. Each is the option that its documentation names;
 * a text is parsed like an environment variable.
 *
 * @example
 * ```ts
 * import { type NamedSettings, S3Storage } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const named: NamedSettings = { AWS_STORAGE_BUCKET_NAME: "media", AWS_QUERYSTRING_EXPIRE: "600" };
 * assertEquals(S3Storage.fromSettings(named).settings.querystringExpire, 600);
 * ```
 */
export interface NamedSettings {
  /** The option `bucketName`. */
  readonly AWS_STORAGE_BUCKET_NAME?: S3StorageOptions["bucketName"];
  /** The option `location`. */
  readonly AWS_LOCATION?: S3StorageOptions["location"];
  /** The option `accessKey`. */
  readonly AWS_S3_ACCESS_KEY_ID?: S3StorageOptions["accessKey"];
  /** The option `accessKey`. */
  readonly AWS_ACCESS_KEY_ID?: S3StorageOptions["accessKey"];
  /** The option `secretKey`. */
  readonly AWS_S3_SECRET_ACCESS_KEY?: S3StorageOptions["secretKey"];
  /** The option `secretKey`. */
  readonly AWS_SECRET_ACCESS_KEY?: S3StorageOptions["secretKey"];
  /** The option `securityToken`. */
  readonly AWS_SESSION_TOKEN?: S3StorageOptions["securityToken"];
  /** The option `securityToken`. */
  readonly AWS_SECURITY_TOKEN?: S3StorageOptions["securityToken"];
  /** The option `sessionProfile`. */
  readonly AWS_S3_SESSION_PROFILE?: S3StorageOptions["sessionProfile"];
  /** The option `regionName`. */
  readonly AWS_S3_REGION_NAME?: S3StorageOptions["regionName"];
  /** The option `regionName`. */
  readonly AWS_REGION?: S3StorageOptions["regionName"];
  /** The option `regionName`. */
  readonly AWS_DEFAULT_REGION?: S3StorageOptions["regionName"];
  /** The option `endpointUrl`. */
  readonly AWS_S3_ENDPOINT_URL?: S3StorageOptions["endpointUrl"];
  /** The option `endpointUrl`. */
  readonly AWS_ENDPOINT_URL_S3?: S3StorageOptions["endpointUrl"];
  /** The option `endpointUrl`. */
  readonly AWS_ENDPOINT_URL?: S3StorageOptions["endpointUrl"];
  /** The option `addressingStyle`. */
  readonly AWS_S3_ADDRESSING_STYLE?: S3StorageOptions["addressingStyle"] | (string & Record<never, never>);
  /** The option `useSsl`. */
  readonly AWS_S3_USE_SSL?: S3StorageOptions["useSsl"] | string;
  /** The option `useDualstackEndpoint`. */
  readonly AWS_USE_DUALSTACK_ENDPOINT?: S3StorageOptions["useDualstackEndpoint"] | string;
  /** The option `useFipsEndpoint`. */
  readonly AWS_USE_FIPS_ENDPOINT?: S3StorageOptions["useFipsEndpoint"] | string;
  /** The option `useAccelerateEndpoint`. */
  readonly AWS_S3_USE_ACCELERATE_ENDPOINT?: S3StorageOptions["useAccelerateEndpoint"] | string;
  /** The option `usEast1RegionalEndpoint`. */
  readonly AWS_S3_US_EAST_1_REGIONAL_ENDPOINT?:
    | S3StorageOptions["usEast1RegionalEndpoint"]
    | (string & Record<never, never>);
  /** The option `verify`. */
  readonly AWS_S3_VERIFY?: S3StorageOptions["verify"];
  /** The option `verify`. */
  readonly AWS_CA_BUNDLE?: S3StorageOptions["verify"];
  /** The option `proxies`. */
  readonly AWS_S3_PROXIES?: S3StorageOptions["proxies"] | string;
  /** The option `signatureVersion`. */
  readonly AWS_S3_SIGNATURE_VERSION?: S3StorageOptions["signatureVersion"] | (string & Record<never, never>);
  /** The option `payloadSigningEnabled`. */
  readonly AWS_S3_PAYLOAD_SIGNING_ENABLED?: S3StorageOptions["payloadSigningEnabled"] | string;
  /** The option `requestChecksumCalculation`. */
  readonly AWS_REQUEST_CHECKSUM_CALCULATION?:
    | S3StorageOptions["requestChecksumCalculation"]
    | (string & Record<never, never>);
  /** The option `responseChecksumValidation`. */
  readonly AWS_RESPONSE_CHECKSUM_VALIDATION?:
    | S3StorageOptions["responseChecksumValidation"]
    | (string & Record<never, never>);
  /** The option `fileOverwrite`. */
  readonly AWS_S3_FILE_OVERWRITE?: S3StorageOptions["fileOverwrite"] | string;
  /** The option `objectParameters`. */
  readonly AWS_S3_OBJECT_PARAMETERS?: S3StorageOptions["objectParameters"] | string;
  /** The option `defaultAcl`. */
  readonly AWS_DEFAULT_ACL?: S3StorageOptions["defaultAcl"];
  /** The option `querystringAuth`. */
  readonly AWS_QUERYSTRING_AUTH?: S3StorageOptions["querystringAuth"] | string;
  /** The option `querystringExpire`. */
  readonly AWS_QUERYSTRING_EXPIRE?: S3StorageOptions["querystringExpire"] | string;
  /** The option `querystringWindow`. */
  readonly AWS_QUERYSTRING_WINDOW?: S3StorageOptions["querystringWindow"] | string;
  /** The option `customDomain`. */
  readonly AWS_S3_CUSTOM_DOMAIN?: S3StorageOptions["customDomain"];
  /** The option `customDomainQuerystringAuth`. */
  readonly AWS_S3_CUSTOM_DOMAIN_QUERYSTRING_AUTH?: S3StorageOptions["customDomainQuerystringAuth"] | string;
  /** The option `urlProtocol`. */
  readonly AWS_S3_URL_PROTOCOL?: S3StorageOptions["urlProtocol"] | (string & Record<never, never>);
  /** The option `cloudfrontKeyId`. */
  readonly AWS_CLOUDFRONT_KEY_ID?: S3StorageOptions["cloudfrontKeyId"];
  /** The option `cloudfrontKey`. */
  readonly AWS_CLOUDFRONT_KEY?: S3StorageOptions["cloudfrontKey"];
  /** The option `gzip`. */
  readonly AWS_IS_GZIPPED?: S3StorageOptions["gzip"] | string;
  /** The option `gzipContentTypes`. */
  readonly GZIP_CONTENT_TYPES?: S3StorageOptions["gzipContentTypes"] | string;
  /** The option `maxMemorySize`. */
  readonly AWS_S3_MAX_MEMORY_SIZE?: S3StorageOptions["maxMemorySize"] | string;
  /** The option `transferConfig`. */
  readonly AWS_S3_TRANSFER_CONFIG?: S3StorageOptions["transferConfig"] | string;
  /** The option `clientConfig`. */
  readonly AWS_S3_CLIENT_CONFIG?: S3StorageOptions["clientConfig"] | string;
}
