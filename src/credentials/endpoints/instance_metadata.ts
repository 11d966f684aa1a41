import { ConfigurationError, ConnectionError, ServiceError, TimeoutError } from "../../errors.ts";
import { trimEnd } from "../../kit/text/trim_end.ts";
import { NoCredentialsHere } from "../no_credentials.ts";
import { type Answer, ask, type PreparedRequest, type Question, refusal } from "./credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { IssuedCredentials } from "./issued_credentials.ts";
import { readJsonCredentials } from "../json_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";

/** What errors say that failed. */
const OPERATION = "Instance metadata";

const ROLES = "/latest/meta-data/iam/security-credentials/";

/** Six hours, the longest that a token lives. Source: EC2, "Use the Instance Metadata Service". */
const TOKEN_TTL_SECONDS = "21600";

/** For how long expired credentials are used on, at least: the instance could not be given new ones yet. */
const EXTENSION_MILLISECONDS = 10 * 60_000;

/** Where the service is, and how long it is waited for. */
export interface InstanceMetadataOptions {
  readonly context: ProviderContext;
  /** @default AWS_EC2_METADATA_SERVICE_ENDPOINT, else that of AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE, IPv4 or IPv6 */
  readonly endpoint?: string | undefined;
  /** How long one try may take. @default AWS_METADATA_SERVICE_TIMEOUT, else 1 */
  readonly timeoutSeconds?: number | undefined;
  /** How often it is tried where the network fails. @default AWS_METADATA_SERVICE_NUM_ATTEMPTS, else 1 */
  readonly attempts?: number | undefined;
  /** Whether to go on without a token where the service knows none: whoever can make this machine fetch a URL can, too. */
  readonly allowVersion1?: boolean;
}

/**
 * Credentials of the role of an EC2 instance, by IMDSv2. AWS_EC2_METADATA_DISABLED=true turns it off. Credentials that
 * the service hands out expired are used for another while, since S3 may still take them ("static stability").
 *
 * @throws {ConfigurationError} If a variable cannot be right; the provider does.
 */
export function instanceMetadataCredentials(options: InstanceMetadataOptions): CredentialProvider {
  return async () => {
    const service = new InstanceMetadata(options);
    // A service that began anew does not know the token that it has just given.
    const credentials = await service.credentials(await service.token()) ??
      await service.credentials(await service.token());
    if (credentials === undefined) throw failed("it refuses the tokens that it gives");
    return extended(credentials, options.context.now());
  };
}

class InstanceMetadata {
  readonly #question: Omit<Question, "request">;
  readonly #endpoint: string;
  readonly #allowVersion1: boolean;

  constructor({ context, endpoint, timeoutSeconds, attempts, allowVersion1 = false }: InstanceMetadataOptions) {
    const read = context.environment;
    if (read("AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
      throw new NoCredentialsHere("AWS_EC2_METADATA_DISABLED turns the instance metadata service off");
    }
    this.#endpoint = serviceEndpoint(context, endpoint);
    this.#allowVersion1 = allowVersion1;
    this.#question = {
      context,
      operation: OPERATION,
      seconds: timeoutSeconds ?? positive("AWS_METADATA_SERVICE_TIMEOUT", read, false),
      attempts: attempts ?? positive("AWS_METADATA_SERVICE_NUM_ATTEMPTS", read, true),
    };
  }

  /** A token, or `undefined` where none is needed. */
  async token(): Promise<string | undefined> {
    const headers = { "x-aws-ec2-metadata-token-ttl-seconds": TOKEN_TTL_SECONDS };
    let asked: { question: Question; answer: Answer };
    try {
      asked = await this.#ask("/latest/api/token", { method: "PUT", headers });
    } catch (error) {
      if (!(error instanceof TimeoutError || error instanceof ConnectionError)) throw error;
      throw new NoCredentialsHere(
        `${error.message} (in a container on EC2, the instance's hop limit must be 2 or more)`,
        { cause: error },
      );
    }
    const { status, text } = asked.answer;
    if (status === 200 && /^[\x21-\x7e]+$/.test(text)) return text;
    if (status === 200) throw failed("the answer is no token");
    if (status === 429 || status >= 500) throw refusal(asked.question, asked.answer);
    // Other clouds have a service of their own at this address.
    if (this.#allowVersion1 && [403, 404, 405].includes(status)) return undefined;
    throw new NoCredentialsHere(`${OPERATION} failed: a token was refused with status ${status}`);
  }

  /** The role's credentials, or `undefined` where the token is not taken. */
  async credentials(token: string | undefined): Promise<Credentials | undefined> {
    const headers: Record<string, string> = token === undefined ? {} : { "x-aws-ec2-metadata-token": token };
    const roles = await this.#ask(ROLES, { headers });
    if (roles.answer.status === 401 && token !== undefined) return undefined;
    if (roles.answer.status === 404) throw new NoCredentialsHere("The instance has no role");
    if (roles.answer.status !== 200) throw refusal(roles.question, roles.answer);
    const role = roles.answer.text.trim().split("\n")[0]!;
    if (!/^[\w+=,.@-]+$/.test(role)) {
      throw failed("the answer names no role");
    }
    const { question, answer } = await this.#ask(ROLES + role, { headers });
    if (answer.status === 401 && token !== undefined) return undefined;
    return readJsonCredentials({ ...question, secrets: [token] }, answer);
  }

  async #ask(path: string, request: Omit<PreparedRequest, "url">): Promise<{ question: Question; answer: Answer }> {
    const question = { ...this.#question, request: () => ({ url: this.#endpoint + path, ...request }) };
    return { question, answer: await ask(question) };
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
      'The instance metadata service\'s endpoint must be a URL such as "http://169.254.169.254"',
    );
  }
  const mode = environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE") ?? "IPv4";
  if (/^ipv4$/i.test(mode)) return "http://169.254.169.254";
  if (/^ipv6$/i.test(mode)) return "http://[fd00:ec2::254]";
  throw new ConfigurationError(
    `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6: current value is "${mode}"`,
  );
}

function positive(name: string, read: ProviderContext["environment"], whole: boolean): number {
  const text = read(name) ?? "1";
  const value = Number(text);
  if (value > 0 && value <= 3600 && (!whole || Number.isInteger(value))) return value;
  throw new ConfigurationError(
    `${name} must be a ${whole ? "whole " : ""}number above 0 and up to 3600: current value is "${text}"`,
  );
}

function extended(credentials: Credentials, now: Date): Credentials {
  if (credentials.expiration!.getTime() > now.getTime()) return credentials;
  return new IssuedCredentials({
    ...credentials,
    expiration: new Date(now.getTime() + EXTENSION_MILLISECONDS),
  });
}
