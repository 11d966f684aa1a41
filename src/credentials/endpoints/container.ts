import { ConfigurationError } from "../../errors.ts";
import { NoCredentialsFound } from "../no_credentials.ts";
import { type CredentialRequest, sendCredentialRequest } from "./credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { readJsonCredentials } from "../json_credentials.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";

/** The origin of the credential service of ECS. */
const ECS_ORIGIN = "http://169.254.170.2";

/**
 * Hosts that may get the token without TLS: this machine, ECS and EKS. Source: AWS SDKs, "Container credential
 * provider".
 */
const PLAIN_HOSTS = /^(127(\.\d+){3}|\[::1\]|localhost|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

/** The services are on this machine or next to it. */
const TIMEOUT_SECONDS = 2;

/**
 * Makes a provider of the credentials that ECS, EKS Pod Identity, Greengrass or a program on this machine issue to
 * containers. The variables AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI name the
 * service, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, which is read at each call, or AWS_CONTAINER_AUTHORIZATION_TOKEN the
 * token.
 *
 * The provider throws a {@linkcode ConfigurationError} if a variable is malformed.
 */
export function containerCredentials(
  { context, timeoutSeconds = TIMEOUT_SECONDS }: { context: ProviderContext; timeoutSeconds?: number },
): CredentialProvider {
  return async () => {
    const url = containerUrl(context);
    const authorization = await authorizationToken(context);
    const headers = { accept: "application/json", ...authorization === undefined ? {} : { authorization } };
    const request: CredentialRequest = {
      context,
      operation: "Container credentials",
      prepare: () => ({ url, headers }),
      timeoutSeconds,
      secrets: [authorization],
    };
    // Programs that replace ECS may issue credentials that do not expire.
    return readJsonCredentials(request, await sendCredentialRequest(request), ["sessionToken", "expiration"]);
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
    throw new NoCredentialsFound(
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
    );
  }
  const url = URL.canParse(full) ? new URL(full) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username + url.password !== "") {
    throw new ConfigurationError("AWS_CONTAINER_CREDENTIALS_FULL_URI must be an http or https URL without a user name");
  }
  if (url.protocol === "http:" && !PLAIN_HOSTS.test(url.hostname)) {
    throw new ConfigurationError(
      "AWS_CONTAINER_CREDENTIALS_FULL_URI must use https unless its host is this machine, 169.254.170.2, " +
        `169.254.170.23 or [fd00:ec2::23], got host "${url.host}"`,
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
      `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: the file ${path} is ${
        token === "" ? "empty" : "missing or not readable"
      }`,
    );
  }
  // A line end in the token would add headers to the request.
  if (token !== undefined && !/^[\x20-\x7e]+$/.test(token)) {
    throw new ConfigurationError("The container authorization token must be one line of printable ASCII");
  }
  return token;
}
