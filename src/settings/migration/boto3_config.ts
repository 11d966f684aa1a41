import { isRecord } from "../../kit/values/record.ts";
import { fromBoto3, isOfBoto3, memberFor } from "../boto3_members.ts";
import type { SettingChange } from "./setting_change.ts";

type Members = Readonly<Record<string, unknown>>;

/** What replaces a member of boto3's configuration that is none of ours. */
interface Replacement {
  readonly to?: string;
  readonly advice: string;
  /** Whether it takes precedence over the setting: django-storages ignores that if there is a `Config`. */
  readonly isStronger?: boolean;
}

const setting = (to: string, isStronger = false): Replacement => ({ to, advice: `Use ${to}.`, isStronger });
const none = (advice: string): Replacement => ({ advice: `Leave it out: ${advice}.` });

const NO_CERTIFICATES = none("client certificates are not supported; pass a fetch that has them as an option");
const NOT_FOR_S3 = none("it has no effect on S3");

/** The members of `Config`, those of its `s3` with that name before them. */
const CLIENT: Readonly<Record<string, Replacement>> = {
  region_name: setting("AWS_S3_REGION_NAME"),
  signature_version: setting("AWS_S3_SIGNATURE_VERSION", true),
  proxies: setting("AWS_S3_PROXIES", true),
  use_dualstack_endpoint: setting("AWS_USE_DUALSTACK_ENDPOINT"),
  use_fips_endpoint: setting("AWS_USE_FIPS_ENDPOINT"),
  request_checksum_calculation: setting("AWS_REQUEST_CHECKSUM_CALCULATION"),
  response_checksum_validation: setting("AWS_RESPONSE_CHECKSUM_VALIDATION"),
  "s3.addressing_style": setting("AWS_S3_ADDRESSING_STYLE", true),
  "s3.use_accelerate_endpoint": setting("AWS_S3_USE_ACCELERATE_ENDPOINT"),
  "s3.use_dualstack_endpoint": setting("AWS_USE_DUALSTACK_ENDPOINT"),
  "s3.payload_signing_enabled": setting("AWS_S3_PAYLOAD_SIGNING_ENABLED"),
  "s3.us_east_1_regional_endpoint": setting("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT"),
  "s3.use_arn_region": none("the region of an ARN is used"),
  "s3.s3_disable_express_session_auth": none("S3 Express is used with sessions"),
  s3_disable_express_session_auth: none("S3 Express is used with sessions"),
  user_agent: none("userAgentSuffix of AWS_S3_CLIENT_CONFIG is appended to the header"),
  user_agent_appid: none('use userAgentSuffix of AWS_S3_CLIENT_CONFIG: "app/…"'),
  ignore_configured_endpoint_urls: none("set the variable AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
  parameter_validation: none("options are always checked"),
  tcp_keepalive: none("the runtime decides"),
  proxies_config: NO_CERTIFICATES,
  client_cert: NO_CERTIFICATES,
  defaults_mode: none("AWS_S3_CLIENT_CONFIG has the time limits"),
  sigv4a_signing_region_set: none("SigV4A is not supported"),
  auth_scheme_preference: none("AWS_S3_SIGNATURE_VERSION decides"),
  inject_host_prefix: NOT_FOR_S3,
  endpoint_discovery_enabled: NOT_FOR_S3,
  request_min_compression_size_bytes: NOT_FOR_S3,
  disable_request_compression: NOT_FOR_S3,
  client_context_params: NOT_FOR_S3,
  account_id_endpoint_mode: NOT_FOR_S3,
};

/** The members of `TransferConfig`. */
const TRANSFER: Readonly<Record<string, Replacement>> = {
  num_download_attempts: none("a read resumes; AWS_S3_CLIENT_CONFIG limits its attempts"),
  max_io_queue: none("at most partSize * downloadConcurrency bytes are held"),
  io_chunksize: none("chunks have the size in which they arrive"),
  preferred_transfer_client: none("there is one"),
};

/** The settings that hold a configuration of boto3. */
export const BOTO3_CONFIGS: Readonly<Record<string, Readonly<Record<string, Replacement>>>> = {
  AWS_S3_CLIENT_CONFIG: CLIENT,
  AWS_S3_TRANSFER_CONFIG: TRANSFER,
};

/** A configuration of boto3 in our settings. */
export interface ConvertedConfig {
  /** Our members; empty if none is left. */
  readonly members: Members;
  /** Other settings, and whether they take precedence over those that are given. */
  readonly settings: readonly (readonly [name: string, value: unknown, isStronger: boolean])[];
  readonly changes: readonly SettingChange[];
}

/**
 * Converts a configuration of boto3: its members have other names here, or are settings of their own. Unknown members are
 * kept, so that the storage refuses them.
 *
 * @param name `AWS_S3_CLIENT_CONFIG` or `AWS_S3_TRANSFER_CONFIG`.
 * @throws {ConfigurationError} If `retries` has an unknown member.
 */
export function convertConfig(name: string, config: Members): ConvertedConfig {
  const changes: SettingChange[] = [];
  const settings: [string, unknown, boolean][] = [];
  const kept: Record<string, unknown> = {};
  for (const [member, value] of Object.entries(flat(config))) {
    const replacement = BOTO3_CONFIGS[name]![member];
    if (value == null && (isOfBoto3(member) || replacement)) continue;
    const from = `${name}.${member}`;
    if (replacement === undefined) {
      kept[member] = value;
      const to = replacementsOf(name, member, value);
      if (to.length > 0) {
        const names = to.map((one) => `${name}.${one}`).join(", ");
        changes.push({ from, to: names, message: `${from} is a name of boto3. Use ${names}.` });
      }
      continue;
    }
    const { to, advice, isStronger = false } = replacement;
    if (to !== undefined) settings.push([to, value, isStronger]);
    changes.push({ from, to, message: `${from} is a name of boto3. ${advice}` });
  }
  const known = Object.entries(kept).filter(([member]) => isConverted(name, member));
  const unknown = Object.entries(kept).filter(([member]) => !isConverted(name, member));
  const members = { ...fromBoto3(name, Object.fromEntries(known)), ...Object.fromEntries(unknown) };
  return {
    members: Object.fromEntries(Object.entries(members).filter(([, value]) => value != null)),
    settings,
    changes,
  };
}

/** The members with those of `s3` beside them. */
function flat({ s3, ...others }: Members): Members {
  if (!isRecord(s3)) return s3 == null ? others : { ...others, s3 };
  return { ...others, ...Object.fromEntries(Object.entries(s3).map(([member, value]) => [`s3.${member}`, value])) };
}

function isConverted(name: string, member: string): boolean {
  return !isOfBoto3(member) || memberFor(name, member) !== undefined || /^(retries|use_threads)$/.test(member);
}

/** Our members that replace one of boto3. */
function replacementsOf(name: string, member: string, value: unknown): string[] {
  const one = memberFor(name, member);
  if (one !== undefined) return [one];
  if (member === "use_threads") return ["maxConcurrency"];
  if (member !== "retries" || !isRecord(value)) return [];
  const { mode, ...attempts } = value;
  return [...(Object.keys(attempts).length > 0 ? ["maxAttempts"] : []), ...(mode == null ? [] : ["retryMode"])];
}
