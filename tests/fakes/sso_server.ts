/**
 * IAM Identity Center as a small HTTP server: the portal's GetRoleCredentials and SSO-OIDC's CreateToken, by the service
 * models of AWS, with the ways in which such services fail.
 */

/** The behaviour of the portal or of the renewal. */
export type SsoMode =
  | "ok"
  | "expired"
  | "forbidden"
  | "unknown"
  | "throttled"
  | "broken"
  | "malformed"
  | "hung"
  | "huge";

/** The only client, token and role that it accepts. */
export const SSO = {
  clientId: "client-id-of-sso",
  clientSecret: "client-secret-of-sso",
  refreshToken: "refresh-token-of-sso",
  accessToken: "access-token-of-sso",
  accountId: "123456789012",
  roleName: "Reader",
  accessKeyId: "ASIASSOEXAMPLE",
  secretAccessKey: "secret-key-of-sso",
  sessionToken: "session-token-of-sso",
} as const;

/** A running server. */
export interface SsoServer extends AsyncDisposable {
  readonly url: string;
  /** The behaviour of the portal; it may change at any time. */
  portal: SsoMode;
  /** The behaviour of the renewal. */
  oidc: SsoMode;
  /** How many of the next requests to the portal are throttled. */
  throttleNext: number;
  /** The requests so far, as `GET /path`. */
  readonly requests: string[];
  /** The expiration of the issued credentials. */
  expiration: number;
}

/** Starts a server on a free port. `await using` closes it and the requests that hang. */
export function startSsoServer(): SsoServer {
  const closing = new AbortController();
  /** Valid tokens: the first, and one for each renewal. */
  const tokens = new Set<string>([SSO.accessToken]);
  let refreshToken: string = SSO.refreshToken;

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, searchParams } = new URL(request.url);
    server.requests.push(`${request.method} ${pathname}`);
    if (request.method === "GET" && pathname === "/federation/credentials") {
      if (server.throttleNext > 0) {
        server.throttleNext--;
        return failure("throttled")!;
      }
      const failed = failure(server.portal) ?? await hang(server.portal);
      if (failed) return failed;
      if (!tokens.has(request.headers.get("x-amz-sso_bearer_token") ?? "")) return failure("expired")!;
      if (searchParams.get("account_id") !== SSO.accountId) return failure("unknown")!;
      if (searchParams.get("role_name") !== SSO.roleName) return failure("forbidden")!;
      const { accessKeyId, secretAccessKey, sessionToken } = SSO;
      return Response.json({
        roleCredentials: { accessKeyId, secretAccessKey, sessionToken, expiration: server.expiration },
      });
    }
    if (request.method === "POST" && pathname === "/token") {
      const body = await request.json();
      const failed = failure(server.oidc) ?? await hang(server.oidc);
      if (failed) return failed;
      if (body.clientId !== SSO.clientId || body.clientSecret !== SSO.clientSecret) {
        return Response.json({ error: "invalid_client" }, { status: 401 });
      }
      // Like AWS, it accepts each refresh token once.
      if (body.grantType !== "refresh_token" || body.refreshToken !== refreshToken) {
        return Response.json({ error: "invalid_grant" }, { status: 400 });
      }
      const accessToken = `${SSO.accessToken}-${tokens.size + 1}`;
      tokens.add(accessToken);
      refreshToken = `${SSO.refreshToken}-${tokens.size}`;
      return Response.json({ accessToken, refreshToken, tokenType: "Bearer", expiresIn: 3600 });
    }
    return new Response(null, { status: 404 });
  };
  const hang = (mode: SsoMode): Promise<Response> | undefined =>
    mode !== "hung" ? undefined : new Promise((resolve) => {
      closing.signal.addEventListener("abort", () => resolve(new Response(null, { status: 503 })));
    });

  const http = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  const server: SsoServer = {
    url: `http://127.0.0.1:${http.addr.port}`,
    portal: "ok",
    oidc: "ok",
    throttleNext: 0,
    requests: [],
    expiration: Date.parse("2030-01-01T00:00:00Z"),
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await http.shutdown();
    },
  };
  return server;
}

/** Each response repeats secrets, as a bad service might. No error may show them. */
function failure(mode: SsoMode): Response | undefined {
  const message = Object.values(SSO).join(" ");
  const refuse = (status: number): Response => Response.json({ message, error_description: message }, { status });
  switch (mode) {
    case "expired":
      return refuse(401);
    case "forbidden":
      return refuse(403);
    case "unknown":
      return refuse(404);
    case "throttled":
      return refuse(429);
    case "broken":
      return refuse(500);
    case "malformed":
      return new Response(`{"roleCredentials": {"secretAccessKey": "${SSO.secretAccessKey}"`);
    case "huge":
      return new Response(message.repeat(1000));
  }
}
