import { AwsV4Signer } from "aws4fetch";
import { amzDate } from "../../aws/amz_values.ts";
import { serviceHost } from "../../aws/service_host.ts";
import { ConfigurationError, ServiceError } from "../../errors.ts";
import { child, childText, tryParseXml } from "../../kit/text/xml.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkEndpointUrl, REGION_NAME } from "../../settings/checks.ts";
import {
  type CredentialRequest,
  type PreparedRequest,
  refusalError,
  sendCredentialRequest,
} from "../endpoints/credential_request.ts";
import { readIssued } from "../endpoints/issued_credentials.ts";
import type { Credentials } from "../../aws/credentials.ts";
import { configuredEndpoint, hostChoice, type ServiceSettings } from "../service_endpoint.ts";

/** The region or endpoint of the Security Token Service. */
export interface StsSettings extends ServiceSettings {
  /** The region. @default AWS_REGION, else AWS_DEFAULT_REGION, else the global endpoint */
  readonly region?: string | undefined;
  /** The endpoint. @default that of the environment, else of the profile, else of the region */
  readonly endpointUrl?: string | undefined;
}

/** The timeout of one request. */
const TIMEOUT_SECONDS = 10;

/** Error codes of transient failures; IDPCommunicationError means that the identity provider did not respond to STS. */
const TRANSIENT_CODES = /<Code>\s*(Throttl\w*|RequestLimitExceeded|TooManyRequests\w*|IDPCommunicationError\w*)\s*</;

/** Regions that use the global endpoint if AWS_STS_REGIONAL_ENDPOINTS is "legacy". Source: botocore. */
const LEGACY_REGIONS =
  /^(aws-global|ap-northeast-1|ap-south-1|ap-southeast-[12]|ca-central-1|eu-central-1|eu-north-1|eu-west-[123]|sa-east-1|us-(east|west)-[12])$/;

const GLOBAL = { url: "https://sts.amazonaws.com/", region: "us-east-1" } as const;

/**
 * Requests temporary credentials from STS.
 *
 * @param operation `AssumeRole` or another operation that returns credentials.
 * @param parameters The parameters of the operation; `undefined` ones are left out.
 * @param source The credentials to sign with; some operations need no signature.
 * @throws {StorageError} If STS refuses, does not respond, or the response is malformed.
 */
export async function callSts(
  sts: StsSettings,
  operation: string,
  parameters: Readonly<Record<string, string | undefined>>,
  source?: Credentials,
): Promise<Credentials> {
  const { url, region } = stsEndpoint(sts);
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const body = String(new URLSearchParams([["Action", operation], ["Version", "2011-06-15"], ...given]));
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8", accept: "application/xml" };
  const unsigned = { method: "POST", url, headers, body };
  const request: CredentialRequest = {
    context: sts.context,
    operation,
    prepare: () => source === undefined ? unsigned : sign(unsigned, source, region, sts.context.now()),
    timeoutSeconds: TIMEOUT_SECONDS,
    transientCodes: TRANSIENT_CODES,
    secrets: [
      parameters.WebIdentityToken,
      parameters.ExternalId,
      source?.accessKeyId,
      source?.secretAccessKey,
      source?.sessionToken,
    ],
  };
  const response = await sendCredentialRequest(request);
  const document = tryParseXml(response.text);
  if (response.status !== 200) {
    const error = document && (child(document, "Error") ?? document);
    throw refusalError(request, response, {
      code: error && childText(error, "Code"),
      message: error && childText(error, "Message"),
    });
  }
  const result = document && child(document, `${operation}Result`);
  const credentials = result && child(result, "Credentials");
  if (credentials === undefined) {
    throw new ServiceError(`Invalid response to ${operation}: missing credentials`, { operation });
  }
  return readIssued(request, {
    accessKeyId: childText(credentials, "AccessKeyId"),
    secretAccessKey: childText(credentials, "SecretAccessKey"),
    sessionToken: childText(credentials, "SessionToken"),
    expiration: childText(credentials, "Expiration"),
  });
}

async function sign(
  request: { method: string; url: string; headers: Record<string, string>; body: string },
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  region: string,
  now: Date,
): Promise<PreparedRequest> {
  const datetime = amzDate(now);
  const session = sessionToken ? { sessionToken } : {};
  return await new AwsV4Signer({
    ...request,
    accessKeyId,
    secretAccessKey,
    ...session,
    service: "sts",
    region,
    datetime,
  })
    .sign();
}

/**
 * Returns the URL of STS and the region to sign for.
 * Source: AWS SDKs and Tools Reference, "AWS STS Regional endpoints" and "Service-specific endpoints".
 */
export function stsEndpoint(given: StsSettings): { url: string; region: string } {
  const { environment: read } = given.context;
  const region = given.region ?? read("AWS_REGION") ?? read("AWS_DEFAULT_REGION");
  if (region !== undefined && !REGION_NAME.test(region)) {
    throw new ConfigurationError(`The region of STS must be a name such as "eu-west-1", got ${formatValue(region)}`);
  }
  const endpointUrl = given.endpointUrl ?? configuredEndpoint("sts", given);
  if (endpointUrl !== undefined) {
    return { url: checkEndpointUrl(endpointUrl).href, region: region ?? GLOBAL.region };
  }
  const choice = hostChoice(given);
  const legacy = isLegacy(given);
  const isGlobal = region === undefined || region === "aws-global";
  if (choice.fips || choice.dualstack) {
    const real = isGlobal ? GLOBAL.region : region;
    return { url: `https://${serviceHost("sts", real, choice)}/`, region: real };
  }
  if (isGlobal || (legacy && LEGACY_REGIONS.test(region))) return GLOBAL;
  return { url: `https://${serviceHost("sts", region)}/`, region };
}

/** Whether some regions use the global endpoint. The variable takes precedence over the profile. */
function isLegacy({ context, sessionProfile: profile }: StsSettings): boolean {
  const [variable, key] = ["AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"];
  const read = context.environment(variable);
  const mode = (read ?? profile?.get(key) ?? "regional").toLowerCase();
  if (mode === "regional" || mode === "legacy") return mode === "legacy";
  const what = read === undefined ? `${key} of profile '${profile!.name}'` : variable;
  throw new ConfigurationError(`${what} must be "regional" or "legacy", got ${formatValue(mode)}`);
}
