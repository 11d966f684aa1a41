/** Profiles for tests: files are strings, and the services that profiles name return their requests. */
import type { ProviderContext } from "../../../src/credentials/context.ts";
import { sessionCredentials, type SessionOptions } from "../../../src/credentials/session_credentials.ts";
import { readTextFile } from "../../../src/runtime/files/text_files.ts";
import { containerDocument } from "../../fakes/container_server.ts";
import { metadataDocument } from "../../fakes/metadata_server.ts";

/** The clock of tests that need one. */
export const NOW = new Date("2029-06-01T12:00:00Z");

const END = "2030-01-01T00:00:00Z";

/** A context with the given environment, real files and the real network. */
export function contextOf(environment: Readonly<Record<string, string>>): ProviderContext {
  const variables: Readonly<Record<string, string>> = { HOME: "/users/ada", ...environment };
  return { environment: (name) => variables[name] || undefined, readTextFile, fetch, now: () => NOW };
}

/**
 * Responds for STS with an access key that is the request as JSON, and for containers and instances with their keys.
 * `at` is the URL of STS, and `source` the key that signed the request.
 */
export async function reportingFetch(request: Request): Promise<Response> {
  const { hostname, pathname } = new URL(request.url);
  if (hostname === "169.254.170.2") return Response.json(containerDocument(END));
  if (hostname === "169.254.169.254") {
    if (!pathname.includes("security-credentials")) return new Response("token");
    return pathname.endsWith("/") ? new Response("role") : Response.json(metadataDocument(END));
  }
  const { Action, Version: _, ...asked } = Object.fromEntries(new URLSearchParams(await request.text()));
  if (asked.RoleSessionName?.startsWith("storages-s3-")) delete asked.RoleSessionName;
  const source = /Credential=(.*)\/\d{8}\//.exec(request.headers.get("authorization") ?? "")?.[1];
  const key = JSON.stringify({ ...asked, at: request.url, ...source !== undefined && { source } });
  return new Response(
    `<A><${Action}Result><Credentials><AccessKeyId>${
      key.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    }</AccessKeyId>` +
      `<SecretAccessKey>secret</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${END}</Expiration>` +
      `</Credentials></${Action}Result></A>`,
  );
}

/** Makes a provider from the text of a config file and of a credentials file. */
export function fromTexts(
  { config = "", credentials = "", environment = {}, ...options }: Partial<SessionOptions> & {
    readonly config?: string;
    readonly credentials?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): ReturnType<typeof sessionCredentials> {
  return sessionCredentials({
    context: contextOf(environment),
    profile: "default",
    readTextFileSync: (path) => path.endsWith("config") ? config : credentials,
    ...options,
  });
}
