/** A server that speaks STS's AssumeRole and AssumeRoleWithWebIdentity, as far as it can be told from outside. */
import { AwsV4Signer } from "aws4fetch";
import { type FakeAnswer, type FakeServer, serveFake } from "./serve.ts";

export interface StsServer extends FakeServer {
  /** Given in place of the next answers. */
  readonly instead: FakeAnswer[];
  /** The parameters of each request. */
  readonly forms: Record<string, string>[];
  /** The tokens of the identity provider that it takes. */
  readonly webIdentityTokens: Set<string>;
  /** The secrets that may assume roles, by their access keys. */
  readonly secrets: Map<string, string>;
  /** When what it hands out expires. */
  expiration: string;
  /** Names the access keys that it hands out, by the form and the key that signed it; as a rule they are counted. */
  nameKey(form: Readonly<Record<string, string>>, source: string | undefined): string;
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
    const body = await request.text();
    const form = Object.fromEntries(new URLSearchParams(body));
    forms.push(form);
    const next = instead.shift();
    if (next !== undefined) return next;
    const complaint = complaintAbout(request, form);
    if (complaint !== undefined) return stsError(400, "ValidationError", complaint);
    if (form.Action === "AssumeRole") {
      if (!await isSigned(request, body, server.secrets)) return stsError(403, "SignatureDoesNotMatch", "not you");
    } else if (!server.webIdentityTokens.has(form.WebIdentityToken!)) {
      return stsError(400, "InvalidIdentityToken", `No provider for ${form.WebIdentityToken}`);
    }
    const name = form.Action;
    const source = /Credential=([^/]+)/.exec(request.headers.get("authorization") ?? "")?.[1];
    const accessKeyId = server.nameKey(form, source);
    server.secrets.set(accessKeyId, "hunter2-sts-secret"); // it may assume other roles
    return xml(
      `<${name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${name}Result><Credentials><SessionToken>hunter2-sts-session</SessionToken>` +
        `<SecretAccessKey>hunter2-sts-secret</SecretAccessKey><Expiration>${server.expiration}</Expiration>` +
        `<AccessKeyId>${accessKeyId}</AccessKeyId></Credentials></${name}Result></${name}Response>`,
    );
  };
  const server: StsServer = Object.assign(serveFake(answer), {
    instead,
    forms,
    webIdentityTokens: new Set<string>(),
    secrets: new Map<string, string>(),
    expiration,
    nameKey: () => `ASIASTS${forms.length}`,
  });
  return server;
}

function complaintAbout(request: Request, form: Record<string, string>): string | undefined {
  if (request.method !== "POST" || new URL(request.url).pathname !== "/") return "POST to / it is";
  if (!request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return "no form";
  const isSigned = request.headers.has("authorization");
  if (isSigned !== (form.Action === "AssumeRole")) return "AssumeRole alone is signed";
  if (!/^AssumeRole(WithWebIdentity)?$/.test(form.Action ?? "") || form.Version !== "2011-06-15") return "no operation";
  if (!/^arn:aws:iam::\d{12}:role\/\w+$/.test(form.RoleArn ?? "")) return "RoleArn";
  if (!/^[\w+=,.@-]{2,64}$/.test(form.RoleSessionName ?? "")) return "RoleSessionName";
  return undefined;
}

/** Whether the request is signed for STS by one of the keys, as it came. */
async function isSigned(request: Request, body: string, secrets: ReadonlyMap<string, string>): Promise<boolean> {
  const given = request.headers.get("authorization") ?? "";
  const [, accessKeyId = "", region = "", names = ""] =
    /Credential=([^/]+)\/\d{8}\/([^/]+)\/sts\/aws4_request, ?SignedHeaders=([^,]+)/.exec(given) ?? [];
  const secretAccessKey = secrets.get(accessKeyId);
  const datetime = request.headers.get("x-amz-date");
  if (secretAccessKey === undefined || datetime === null) return false;
  const headers = Object.fromEntries(
    names.split(";").filter((name) => name !== "host").map((name) => [name, request.headers.get(name) ?? ""]),
  );
  const { method, url } = request;
  const signer = new AwsV4Signer({
    method,
    url,
    headers,
    body,
    accessKeyId,
    secretAccessKey,
    service: "sts",
    region,
    datetime,
    allHeaders: true,
  });
  return await signer.authHeader() === given;
}

function xml(body: string, status = 200): Response {
  return new Response(body, { status, headers: { "content-type": "text/xml" } });
}
