import { AwsV4Signer } from "aws4fetch";
import { amzDate } from "../../aws/amz_values.ts";
import { serviceHost } from "../../aws/hosts.ts";
import { ConfigurationError, ServiceError } from "../../errors.ts";
import { child, childText, parseXml, type XmlElement } from "../../kit/text/xml.ts";
import { checkEndpointUrl, REGION_NAME } from "../../settings/checks.ts";
import { withoutIgnored } from "../../settings/profile_settings.ts";
import { type Answer, ask, type PreparedRequest, type Question, refusal } from "../endpoints/credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { issue } from "../endpoints/issued_credentials.ts";
import type { Credentials } from "../../aws/credentials.ts";

/** Where the Security Token Service is. */
export interface StsPlace {
  readonly context: ProviderContext;
  /** @default AWS_REGION, else AWS_DEFAULT_REGION, else the global service */
  readonly region?: string | undefined;
  /** @default AWS_ENDPOINT_URL_STS, else AWS_ENDPOINT_URL, else the region's */
  readonly endpointUrl?: string | undefined;
}

/** How long STS may take to answer. */
const TIMEOUT_SECONDS = 10;

/** STS asks the identity provider, and says so where that did not answer. */
const PASSING = /<Code>\s*(Throttl\w*|RequestLimitExceeded|TooManyRequests\w*|IDPCommunicationError\w*)\s*</;

/** The regions that the global service serves where AWS_STS_REGIONAL_ENDPOINTS is "legacy". Source: botocore. */
const LEGACY_REGIONS =
  /^(aws-global|ap-northeast-1|ap-south-1|ap-southeast-[12]|ca-central-1|eu-central-1|eu-north-1|eu-west-[123]|sa-east-1|us-(east|west)-[12])$/;

const GLOBAL = { url: "https://sts.amazonaws.com/", region: "us-east-1" } as const;

/**
 * Asks STS for temporary credentials.
 *
 * @param operation `AssumeRole` or another that answers with credentials.
 * @param parameters Its parameters; those left out are `undefined`.
 * @param source What to sign with; some operations need no signature.
 * @throws {StorageError} If it refuses, does not answer, or answers something else.
 */
export async function askSts(
  place: StsPlace,
  operation: string,
  parameters: Readonly<Record<string, string | undefined>>,
  source?: Credentials,
): Promise<Credentials> {
  const { url, region } = stsEndpoint(place);
  const given = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const body = String(new URLSearchParams([["Action", operation], ["Version", "2011-06-15"], ...given]));
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8", accept: "application/xml" };
  const unsigned = { method: "POST", url, headers, body };
  const question: Question = {
    context: place.context,
    operation,
    request: () => source === undefined ? unsigned : sign(unsigned, source, region, place.context.now()),
    seconds: TIMEOUT_SECONDS,
    passing: PASSING,
    secrets: [
      parameters.WebIdentityToken,
      parameters.ExternalId,
      source?.accessKeyId,
      source?.secretAccessKey,
      source?.sessionToken,
    ],
  };
  const answer = await ask(question);
  const document = parse(answer);
  if (answer.status !== 200) {
    const error = document && (child(document, "Error") ?? document);
    throw refusal(question, answer, {
      code: error && childText(error, "Code"),
      message: error && childText(error, "Message"),
    });
  }
  const result = document && child(document, `${operation}Result`);
  const credentials = result && child(result, "Credentials");
  if (credentials === undefined) {
    throw new ServiceError(`${operation} failed: the answer holds no credentials`, {
      operation,
    });
  }
  return issue(question, {
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

/** What stands in for a document that is none. */
function parse({ text }: Answer): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch {
    return undefined;
  }
}

/**
 * Where STS is, and the region to sign for.
 * Source: AWS SDKs and Tools Reference, "AWS STS Regional endpoints" and "Service-specific endpoints".
 */
export function stsEndpoint({ context, ...given }: StsPlace): { url: string; region: string } {
  const read = withoutIgnored(() => undefined, context.environment);
  const region = given.region ?? read("AWS_REGION") ?? read("AWS_DEFAULT_REGION");
  if (region !== undefined && !REGION_NAME.test(region)) {
    throw new ConfigurationError(`The region must be a name such as "eu-west-1": current value is "${region}"`);
  }
  const endpointUrl = given.endpointUrl ?? read("AWS_ENDPOINT_URL_STS") ?? read("AWS_ENDPOINT_URL");
  if (endpointUrl !== undefined) {
    return { url: checkEndpointUrl(endpointUrl).href, region: region ?? GLOBAL.region };
  }
  const mode = read("AWS_STS_REGIONAL_ENDPOINTS")?.toLowerCase() ?? "regional";
  if (mode !== "regional" && mode !== "legacy") {
    throw new ConfigurationError(
      `AWS_STS_REGIONAL_ENDPOINTS must be "regional" or "legacy": current value is "${mode}"`,
    );
  }
  if (region === undefined || region === "aws-global" || (mode === "legacy" && LEGACY_REGIONS.test(region))) {
    return GLOBAL;
  }
  return { url: `https://${serviceHost("sts", region)}/`, region };
}
