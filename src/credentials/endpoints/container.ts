import { ConfigurationError } from "../../errors.ts";
import { NoCredentialsHere } from "../no_credentials.ts";
import { ask, type Question } from "./credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { readJsonCredentials } from "../json_credentials.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";

/** Where ECS hands out credentials. */
const ECS_ORIGIN = "http://169.254.170.2";

/** Whom the token may be sent to without TLS: this machine, ECS and EKS. Source: AWS SDKs, "Container credential provider". */
const PLAIN_HOSTS = /^(127(\.\d+){3}|\[::1\]|localhost|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

/** Neither is far away. */
const TIMEOUT_SECONDS = 2;

/**
 * Credentials that ECS, EKS Pod Identity, Greengrass or a program on this machine hand out to containers, by the variables
 * AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI, with the token in
 * AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which is read for each call, or AWS_CONTAINER_AUTHORIZATION_TOKEN.
 *
 * @throws {ConfigurationError} If a variable cannot be right; the provider does.
 */
export function containerCredentials(
  { context, timeoutSeconds = TIMEOUT_SECONDS }: { context: ProviderContext; timeoutSeconds?: number },
): CredentialProvider {
  return async () => {
    const url = containerUrl(context);
    const authorization = await authorizationToken(context);
    const headers = { accept: "application/json", ...authorization === undefined ? {} : { authorization } };
    const question: Question = {
      context,
      operation: "Container credentials",
      request: () => ({ url, headers }),
      seconds: timeoutSeconds,
      secrets: [authorization],
    };
    // Programs that stand in for ECS may hand out keys that last.
    return readJsonCredentials(question, await ask(question), ["sessionToken", "expiration"]);
  };
}

function containerUrl({ environment }: ProviderContext): URL {
  const relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  if (relative !== undefined) {
    const url = relative.startsWith("/") && URL.canParse(ECS_ORIGIN + relative) && new URL(ECS_ORIGIN + relative);
    if (url) return url;
    throw new ConfigurationError("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must be a path that begins with a slash");
  }
  const full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (full === undefined) {
    throw new NoCredentialsHere(
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
    );
  }
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
    throw new ConfigurationError("AWS_CONTAINER_CREDENTIALS_FULL_URI must be an http or https URL without a user name");
  }
  if (url.protocol === "http:" && !PLAIN_HOSTS.test(url.hostname)) {
    throw new ConfigurationError(
      "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on this machine, 169.254.170.2, 169.254.170.23 or " +
        `[fd00:ec2::23]: current host is "${url.host}"`,
    );
  }
  return url;
}

async function authorizationToken({ environment, readTextFile }: ProviderContext): Promise<string | undefined> {
  const path = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  const token = path === undefined
    ? environment("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    : (await readTextFile(path))?.replace(/\r?\n$/, "");
  if (path !== undefined && !token) {
    throw new ConfigurationError(
      `The file ${path} of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE is ${
        token === "" ? "empty" : "missing, or not readable"
      }`,
    );
  }
  // A line end would let whoever wrote the token add headers of their own.
  if (token !== undefined && !/^[\x20-\x7e]+$/.test(token)) {
    throw new ConfigurationError("The container's authorization token must be one line of printable ASCII");
  }
  return token;
}
