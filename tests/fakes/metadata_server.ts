/** A server for IMDSv2, the protocol of EC2's instance metadata service. */
import { type FakeAnswer, type FakeServer, serveFake } from "./serve.ts";

const TOKEN = "/latest/api/token";
const ROLES = "/latest/meta-data/iam/security-credentials/";

export interface MetadataServer extends FakeServer {
  /** Responses to send instead of the next ones to "token", "role" and "credentials". */
  readonly instead: { token: FakeAnswer[]; role: FakeAnswer[]; credentials: FakeAnswer[] };
  /** The credentials: an object is sent as JSON, text unchanged. */
  document: unknown;
  /** The role; `undefined`: the instance has none. */
  role: string | undefined;
  /** Whether it also accepts requests without a token. */
  version1: boolean;
  /** The tokens that it accepts. */
  readonly tokens: Set<string>;
}

/** Returns the document for credentials with this expiration. */
export function metadataDocument(expiration: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Code: "Success",
    LastUpdated: "2030-01-01T00:00:00Z",
    Type: "AWS-HMAC",
    AccessKeyId: "ASIAINSTANCE",
    SecretAccessKey: "hunter2-instance-secret",
    Token: "hunter2-instance-session",
    Expiration: expiration,
    ...changes,
  };
}

/** Serves credentials of a role as to an EC2 instance. */
export function serveMetadata(document: unknown): MetadataServer {
  const instead: MetadataServer["instead"] = { token: [], role: [], credentials: [] };
  const tokens = new Set<string>();
  const answer = (request: Request, path: string): FakeAnswer => {
    const next = instead[path === TOKEN ? "token" : path === ROLES ? "role" : "credentials"].shift();
    if (next !== undefined) return next;
    if (path === TOKEN) return giveToken(request);
    const token = request.headers.get("x-aws-ec2-metadata-token");
    if (token === null ? !server.version1 : !tokens.has(token)) return new Response("no", { status: 401 });
    if (path === ROLES) return new Response(server.role, { status: server.role === undefined ? 404 : 200 });
    if (path !== ROLES + server.role) return new Response("not found", { status: 404 });
    const { document } = server;
    return new Response(typeof document === "string" ? document : JSON.stringify(document));
  };
  const giveToken = (request: Request): Response => {
    const ttl = Number(request.headers.get("x-aws-ec2-metadata-token-ttl-seconds"));
    if (request.method !== "PUT" || !(ttl >= 1 && ttl <= 21_600)) return new Response("bad request", { status: 400 });
    const token = crypto.randomUUID();
    tokens.add(token);
    return new Response(token);
  };
  const server: MetadataServer = Object.assign(serveFake(answer), {
    instead,
    tokens,
    document,
    role: "media-role" as string | undefined,
    version1: false,
  });
  return server;
}
