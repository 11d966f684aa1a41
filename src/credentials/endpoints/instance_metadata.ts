import { ConfigurationError, ConnectionError, ServiceError, TimeoutError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkRange } from "../../settings/checks.ts";
import { trimEnd } from "../../kit/text/trim_end.ts";
import { NoCredentialsFound } from "../no_credentials.ts";
import {
  type CredentialRequest,
  type CredentialResponse,
  type PreparedRequest,
  refusalError,
  sendCredentialRequest,
} from "./credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { IssuedCredentials } from "./issued_credentials.ts";
import { readJsonCredentials } from "../json_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";

/** The name of the operation in errors. */
const OPERATION = "Instance metadata";

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** Six hours, the longest lifetime of a token. Source: EC2, "Use the Instance Metadata Service". */
const TOKEN_TTL_SECONDS = "21600";

/** How long expired credentials are used further, when the instance could not get new ones yet. */
const EXTENSION_MILLISECONDS = 10 * 60_000;

/** The address of the service, its timeout and its attempts. */
export interface InstanceMetadataOptions {
  readonly context: ProviderContext;
  /** @default AWS_EC2_METADATA_SERVICE_ENDPOINT, else that of AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE, IPv4 or IPv6 */
  readonly endpoint?: string | undefined;
  /** The timeout of one attempt. @default AWS_METADATA_SERVICE_TIMEOUT, else 1 */
  readonly timeoutSeconds?: number | undefined;
  /** The most attempts where the network fails. @default AWS_METADATA_SERVICE_NUM_ATTEMPTS, else 1 */
  readonly attempts?: number | undefined;
  /**
   * Whether to continue without a token if the service has none. Unsafe: anyone who can make this machine fetch a URL
   * could.
   */
  readonly allowVersion1?: boolean;
}

/**
 * Makes a provider of the credentials of an EC2 instance's role, by IMDSv2. AWS_EC2_METADATA_DISABLED=true disables it.
 * If the service returns expired credentials, they are used for ten more minutes, as S3 may still accept them ("static
 * stability").
 *
 * The provider throws a {@linkcode ConfigurationError} if a variable is malformed.
 */
export function instanceMetadataCredentials(options: InstanceMetadataOptions): CredentialProvider {
  return async () => {
    const service = new InstanceMetadata(options);
    // A service that restarts between the two requests does not know its own token: then get another one.
    const credentials = await service.credentials(await service.token()) ??
      await service.credentials(await service.token());
    if (credentials === undefined) throw failed("the service refuses its own tokens");
    return extended(credentials, options.context.now());
  };
}

class InstanceMetadata {
  readonly #request: Omit<CredentialRequest, "prepare">;
  readonly #endpoint: string;
  readonly #allowVersion1: boolean;

  constructor({ context, endpoint, timeoutSeconds, attempts, allowVersion1 = false }: InstanceMetadataOptions) {
    const read = context.environment;
    if (read("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
      throw new NoCredentialsFound("disabled by AWS_EC2_METADATA_DISABLED");
    }
    this.#endpoint = serviceEndpoint(context, endpoint);
    this.#allowVersion1 = allowVersion1;
    this.#request = {
      context,
      operation: OPERATION,
      timeoutSeconds: timeoutSeconds ?? readNumber("AWS_METADATA_SERVICE_TIMEOUT", read, 0.001, "seconds"),
      attempts: attempts ?? readNumber("AWS_METADATA_SERVICE_NUM_ATTEMPTS", read, 1, "attempts"),
    };
  }

  /** Returns a token, or `undefined` if none is needed. */
  async token(): Promise<string | undefined> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_TTL_SECONDS };
    let sent: { request: CredentialRequest; response: CredentialResponse };
    try {
      sent = await this.#ask("/latest/api/token", { method: "PUT", headers });
    } catch (error) {
      if (!(error instanceof TimeoutError || error instanceof ConnectionError)) throw error;
      throw new NoCredentialsFound(
        `${error.message} (in a container on EC2, the hop limit of the instance must be 2 or more)`,
        { cause: error },
      );
    }
    const { status, text } = sent.response;
    if (status === 200 && /^[\x21-\x7e]+$/.test(text)) return text;
    if (status === 200) throw failed("the response is not a token");
    if (status === 429 || status >= 500) throw refusalError(sent.request, sent.response);
    // Other clouds have another service at this address.
    if (this.#allowVersion1 && [403, 404, 405].includes(status)) return undefined;
    throw new NoCredentialsFound(`${OPERATION} failed: no token, status ${status}`);
  }

  /** Returns the credentials of the role, or `undefined` if the token is refused. */
  async credentials(token: string | undefined): Promise<Credentials | undefined> {
    const headers: Record<string, string> = token === undefined ? {} : { "x-aws-ec2-metadata-token": token };
    const roles = await this.#ask(ROLES, { headers });
    if (roles.response.status === 401 && token !== undefined) return undefined;
    if (roles.response.status === 404) throw new NoCredentialsFound("the instance has no role");
    if (roles.response.status !== 200) throw refusalError(roles.request, roles.response);
    const role = roles.response.text.trim().split("\n")[0]!;
    if (!/^[\w+=,.@-]+$/.test(role)) throw failed("the response does not name a role");
    const { request, response } = await this.#ask(ROLES + role, { headers });
    if (response.status === 401 && token !== undefined) return undefined;
    return readJsonCredentials({ ...request, secrets: [token] }, response);
  }

  async #ask(
    path: string,
    init: Omit<PreparedRequest, "url">,
  ): Promise<{ request: CredentialRequest; response: CredentialResponse }> {
    const request = { ...this.#request, prepare: () => ({ url: this.#endpoint + path, ...init }) };
    return { request, response: await sendCredentialRequest(request) };
  }
}

function failed(why: string): ServiceError {
  return new ServiceError(`${OPERATION} failed: ${why}`, { operation: OPERATION });
}

function serviceEndpoint({ environment }: ProviderContext, endpoint: string | undefined): string {
  const given = endpoint ?? environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (given !== undefined) {
    if (URL.canParse(given) && /^https?:$/.test(new URL(given).protocol)) return trimEnd(given, "/");
    throw new ConfigurationError(
      'AWS_EC2_METADATA_SERVICE_ENDPOINT must be a URL such as "http://169.254.169.254"',
    );
  }
  const mode = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") ?? "IPv4";
  if (/^ipv4$/i.test(mode)) return "http://169.254.169.254";
  if (/^ipv6$/i.test(mode)) return "http://[fd00:ec2::254]";
  throw new ConfigurationError(
    `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6, got ${formatValue(mode)}`,
  );
}

/** Reads a number from `least` to 3600 from a variable, 1 if it is unset; an integer if `least` is one. */
function readNumber(name: string, read: ProviderContext["environment"], least: number, unit: string): number {
  const text = read(name) ?? "1";
  const value = Number.isFinite(Number(text)) ? Number(text) : text;
  checkRange(name, value, least, 3600, unit);
  return value as number;
}

/** Extends the lifetime of expired credentials. */
function extended(credentials: Credentials, now: Date): Credentials {
  if (credentials.expiration!.getTime() > now.getTime()) return credentials;
  return new IssuedCredentials({
    ...credentials,
    expiration: new Date(now.getTime() + EXTENSION_MILLISECONDS),
  });
}
