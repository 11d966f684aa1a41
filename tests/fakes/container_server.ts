/** A server that issues credentials to containers, like those of ECS and EKS Pod Identity. */
import { type FakeAnswer, type FakeServer, serveFake } from "./serve.ts";

export interface ContainerServer extends FakeServer {
  /** Responses to send instead of the next ones. */
  readonly instead: FakeAnswer[];
  /** The response: an object is sent as JSON, text unchanged. */
  document: unknown;
  /** The required Authorization header; `null`: none may be sent. */
  authorization: string | null;
}

/** Returns the document for credentials with this expiration. */
export function containerDocument(expiration: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    RoleArn: "arn:aws:iam::123456789012:role/task",
    AccessKeyId: "ASIACONTAINER",
    SecretAccessKey: "hunter2-container-secret",
    Token: "hunter2-container-session",
    Expiration: expiration,
    ...changes,
  };
}

/** Serves credentials at `/credentials/task`. */
export function serveContainer(document: unknown): ContainerServer {
  const instead: FakeAnswer[] = [];
  const answer = (request: Request, path: string): FakeAnswer => {
    const next = instead.shift();
    if (next !== undefined) return next;
    if (request.headers.get("authorization") !== server.authorization) {
      const message = `not you, ${request.headers.get("authorization")}`;
      return Response.json({ code: "AccessDeniedException", message }, { status: 401 });
    }
    if (path !== "/credentials/task") return Response.json({ code: "InvalidIdInRequest" }, { status: 400 });
    const { document } = server;
    return new Response(typeof document === "string" ? document : JSON.stringify(document));
  };
  const server: ContainerServer = Object.assign(serveFake(answer), {
    instead,
    document,
    authorization: null as string | null,
  });
  return server;
}
