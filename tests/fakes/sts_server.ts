/** A server that speaks STS's AssumeRoleWithWebIdentity, as far as it can be told from outside. */
import { type FakeAnswer, type FakeServer, serveFake } from "./serve.ts";

export interface StsServer extends FakeServer {
  /** Given in place of the next answers. */
  readonly instead: FakeAnswer[];
  /** The parameters of each request. */
  readonly forms: Record<string, string>[];
  /** The tokens of the identity provider that it takes. */
  readonly webIdentityTokens: Set<string>;
  /** When what it hands out expires. */
  expiration: string;
}

/** STS's error document. */
export function stsError(status: number, code: string, message: string): Response {
  return xml(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>8f1d0a0a</RequestId></ErrorResponse>`,
    status,
  );
}

/** Serves STS: checks the form, and answers with credentials in XML. */
export function serveSts(expiration = "2030-01-01T01:00:00Z"): StsServer {
  const instead: FakeAnswer[] = [];
  const forms: Record<string, string>[] = [];
  const answer = async (request: Request): Promise<FakeAnswer> => {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    forms.push(form);
    const next = instead.shift();
    if (next !== undefined) return next;
    const complaint = complaintAbout(request, form);
    if (complaint !== undefined) return stsError(400, "ValidationError", complaint);
    if (!server.webIdentityTokens.has(form.WebIdentityToken!)) {
      return stsError(400, "InvalidIdentityToken", `No provider for ${form.WebIdentityToken}`);
    }
    return xml(
      `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
        `<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>hunter2-sts-session</SessionToken>` +
        `<SecretAccessKey>hunter2-sts-secret</SecretAccessKey><Expiration>${server.expiration}</Expiration>` +
        `<AccessKeyId>ASIASTS${forms.length}</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>` +
        `</AssumeRoleWithWebIdentityResponse>`,
    );
  };
  const server: StsServer = Object.assign(serveFake(answer), {
    instead,
    forms,
    webIdentityTokens: new Set<string>(),
    expiration,
  });
  return server;
}

function complaintAbout(request: Request, form: Record<string, string>): string | undefined {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/") return "POST to / it is";
  if (!request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return "no form";
  if (request.headers.has("authorization")) return "this operation is not signed";
  if (form.Action !== "AssumeRoleWithWebIdentity" || form.Version !== "2011-06-15") return "not an operation";
  if (!/^arn:aws:iam::\d{12}:role\/\w+$/.test(form.RoleArn ?? "")) return "RoleArn";
  if (!/^[\w+=,.@-]{2,64}$/.test(form.RoleSessionName ?? "")) return "RoleSessionName";
  return undefined;
}

function xml(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/xml" } });
}
