import type { AwsHostChoice } from "../aws/hosts.ts";
import { trimEnd } from "../kit/text/trim_end.ts";
import { checkEndpointUrl } from "../settings/checks.ts";
import type { Profile } from "../settings/profile/profile_files.ts";
import { profileEndpoint } from "../settings/profile/profile_settings.ts";
import { ignoresEndpoints, isEnabled } from "../settings/profile_values.ts";
import type { ProviderContext } from "./context.ts";

/** What decides on the addresses of STS and IAM Identity Center. */
export interface ServiceSettings {
  readonly context: ProviderContext;
  /** The profile of the session, also for the sources of its roles. */
  readonly sessionProfile?: Profile | undefined;
  /** Whether the settings ask for FIPS hosts, besides the environment and the profile. */
  readonly useFipsEndpoint?: boolean | undefined;
}

/**
 * Returns the configured endpoint of a service by its name in the files, `sts`, `sso` or `sso_oidc`; `undefined` if there
 * is none. Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints"; botocore, ConfiguredEndpointProvider.
 */
export function configuredEndpoint(
  service: string,
  { context, sessionProfile: profile }: ServiceSettings,
): string | undefined {
  const { environment } = context;
  if (ignoresEndpoints(profile, environment)) return undefined;
  const text = environment(`AWS_ENDPOINT_URL_${service.toUpperCase()}`) ?? environment("AWS_ENDPOINT_URL") ??
    (profile && profileEndpoint(profile, service, environment));
  return text === undefined ? undefined : trimEnd(checkEndpointUrl(text).href, "/");
}

/**
 * Returns which hosts of STS and IAM Identity Center to use. As in boto3, settings of S3 alone do not count, such as
 * `use_dualstack_endpoint` in the section `s3`.
 */
export function hostChoice({ context, sessionProfile, useFipsEndpoint = false }: ServiceSettings): AwsHostChoice {
  const isOn = (variable: `AWS_${string}`): boolean => isEnabled(variable, sessionProfile, context.environment);
  return {
    fips: useFipsEndpoint || isOn("AWS_USE_FIPS_ENDPOINT"),
    dualstack: isOn("AWS_USE_DUALSTACK_ENDPOINT"),
  };
}
