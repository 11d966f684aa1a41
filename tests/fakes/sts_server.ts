/** A server for AssumeRole and AssumeRoleWithWebIdentity of STS, as far as their behaviour is visible. */
import { AwsV4Signer } from "aws4fetch";
import { type FakeAnswer, type FakeServer, serveFake } from "./serve.ts";

export interface StsServer extends FakeServer {
  /** Responses to send instead of the next ones. */
  readonly instead: FakeAnswer[];
  /** The parameters of each request. */
  readonly forms: Record<string, string>[];
  /** The tokens of the identity provider that it accepts. */
  readonly webIdentityTokens: Set<string>;
  /** The secrets of the accepted callers, by access key. */
  readonly secrets: Map<string, string>;
  /** The expiration of the issued credentials. */
  expiration: string;
  /** Names issued access keys by the form and the key that signed it. By default they are numbered. */
  nameKey(form: Readonly<Record<string, string>>, source: string | undefined): string;
}

/** Returns an error document of STS. */
export function stsError(status: number, code: string, message: string): Response {
  return xml(
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
      `<Message>${message}</Message></Error><RequestId>8f1d0a0a</RequestId></ErrorResponse>`,
    status,
  );
}

/** Serves STS: checks the form and responds with credentials in XML. */
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

/** Whether the received request is signed for STS by one of the keys. */
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
