/** Temporary credentials with STS and S3 of Ceph RGW: a role is assumed, and its credentials are used. */
import { AwsV4Signer } from "aws4fetch";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { type Credentials, S3Storage, StorageError } from "../../mod.ts";
import { assumeRole, type AssumeRoleOptions } from "../../src/credentials/sts/assume_role.ts";
import type { ProviderContext } from "../../src/credentials/context.ts";
import { refreshingCredentials } from "../../src/credentials/refreshing.ts";
import { webIdentityCredentials } from "../../src/credentials/sts/web_identity.ts";
import { Presigner } from "../../src/signing/mod.ts";
import { type IdentityProvider, serveIdentityProvider } from "../fakes/identity_provider.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";

const BUCKET = "assumed";
const ROLE = "arn:aws:iam:::role/media";
const WEB_ROLE = "arn:aws:iam:::role/web";
const AUDIENCE = "media-app";

function statement(allowed: Record<string, unknown>): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...allowed }] });
}

const READ_ALL = statement({ Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::*"] });

/** Creates the roles and the bucket with the keys of their owner. */
async function prepare({ endpoint, accessKey, secretKey }: RgwServer, provider: IdentityProvider): Promise<void> {
  const keys = { accessKeyId: accessKey, secretAccessKey: secretKey };
  const iam = async (parameters: Record<string, string>): Promise<void> => {
    const { method, url, headers, body } = await new AwsV4Signer({
      ...keys,
      method: "POST",
      url: endpoint,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: String(new URLSearchParams({ ...parameters, Version: "2010-05-08" })),
      service: "iam",
      region: "us-east-1",
    }).sign();
    const response = await fetch(url, { method, headers, body: body as string });
    assertEquals(response.status, 200, await response.text());
  };
  const makeRole = async (name: string, trusted: Record<string, unknown>): Promise<void> => {
    await iam({ Action: "CreateRole", RoleName: name, Path: "/", AssumeRolePolicyDocument: statement(trusted) });
    const policy = statement({ Action: ["s3:*"], Resource: ["arn:aws:s3:::*"] });
    await iam({ Action: "PutRolePolicy", RoleName: name, PolicyName: "all", PolicyDocument: policy });
  };
  await makeRole("media", { Principal: { AWS: ["arn:aws:iam:::user/test"] }, Action: ["sts:AssumeRole"] });
  await iam({
    Action: "CreateOpenIDConnectProvider",
    Url: provider.issuer,
    "ClientIDList.member.1": AUDIENCE,
    "ThumbprintList.member.1": provider.thumbprint,
  });
  const name = provider.issuer.replace("http://", "");
  await makeRole("web", {
    Principal: { Federated: [`arn:aws:iam:::oidc-provider/${name}`] },
    Action: ["sts:AssumeRoleWithWebIdentity"],
    Condition: { StringEquals: { [`${name}:app_id`]: AUDIENCE } },
  });
  const root = new Presigner({ bucketUrl: endpoint, region: "us-east-1", credentials: keys });
  const made = await fetch(root.url(BUCKET, { method: "PUT" }), { method: "PUT" });
  await made.body?.cancel();
  assertEquals(made.status, 200);
}

/** The error of a call. */
async function failure(call: () => unknown): Promise<StorageError> {
  return await assertRejects(async () => await call(), StorageError) as StorageError;
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

Deno.test({
  name: `Ceph RGW returns credentials of a role, and accepts them${server ? "" : " (it is not installed)"}`,
  ignore: server === undefined,
  fn: async (context) => {
    const gateway = server as RgwServer;
    const { endpoint, accessKey, secretKey, stop } = gateway;
    let asked = 0;
    let webIdentityToken = "";
    const world: ProviderContext = {
      environment: (name) => name === "AWS_ENDPOINT_URL_STS" ? endpoint : undefined,
      readTextFile: () => Promise.resolve(webIdentityToken),
      fetch: async (request) => {
        asked++;
        return await fetch(request);
      },
      now: () => new Date(),
    };
    const source = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const role = (changes: Partial<AssumeRoleOptions> = {}): () => Promise<Credentials> => {
      const provider = assumeRole({ roleArn: ROLE, source: () => source, context: world, ...changes });
      return async () => await provider();
    };
    const storageWith = (credentials: Credentials | (() => Credentials | Promise<Credentials>)): S3Storage =>
      new S3Storage({
        bucketName: BUCKET,
        endpointUrl: endpoint,
        regionName: "us-east-1",
        credentials: typeof credentials === "function" ? credentials : () => credentials,
      });
    const read = async (storage: S3Storage): Promise<string> => await (await storage.open("a.txt")).text();
    try {
      await using identities = await serveIdentityProvider();
      await prepare(gateway, identities);

      await context.step("credentials of a role save, read and create valid URLs", async () => {
        const credentials = await role({ roleSessionName: "media@example.com", durationSeconds: 900 })();
        assert(credentials.accessKeyId !== accessKey && credentials.sessionToken !== undefined);
        const seconds = (credentials.expiration!.getTime() - Date.now()) / 1000;
        assert(seconds > 600 && seconds <= 901, `they live ${seconds} s`);
        const storage = storageWith(credentials);
        await storage.save("a.txt", "saved in a role");
        assertEquals(await read(storage), "saved in a role");
        assertEquals(await (await fetch(await storage.url("a.txt"))).text(), "saved in a role");
      });

      await context.step("another token, another secret or a missing token is refused", async () => {
        const credentials = { ...await role()() };
        const token = credentials.sessionToken!;
        const others = [
          { sessionToken: (await role()()).sessionToken },
          { sessionToken: (token[0] === "A" ? "B" : "A") + token.slice(1) },
          { secretAccessKey: "0".repeat(39) },
          { sessionToken: undefined },
        ];
        for (const other of others) {
          const error = await failure(() => read(storageWith({ ...credentials, ...other })));
          assert(error.status === 403 || error.status === 400, `${Object.keys(other)}: ${error}`);
        }
        assertEquals(await read(storageWith(credentials)), "saved in a role");
      });

      await context.step("a session policy restricts the permissions", async () => {
        const storage = storageWith(await role({ policy: READ_ALL })());
        assertEquals(await read(storage), "saved in a role");
        assertEquals((await failure(() => storage.save("b.txt", "x"))).code, "PermissionDenied");
      });

      await context.step("a role can be assumed with the credentials of another role", async () => {
        assertEquals(await read(storageWith(role({ source: role() }))), "saved in a role");
        const first = { ...await role()() };
        const withoutToken = { ...first, sessionToken: undefined };
        const other = { ...first, sessionToken: (await role()()).sessionToken };
        for (const wrong of [withoutToken, other]) {
          const error = await failure(role({ source: () => wrong }));
          assertEquals([error.operation, error.status], ["AssumeRole", 403]);
        }
      });

      await context.step("missing permission, wrong keys and unknown roles have clear errors", async () => {
        const stranger = { accessKeyId: `${accessKey}2`, secretAccessKey: `${secretKey}2` };
        assertEquals((await failure(role({ source: () => stranger }))).code, "PermissionDenied");
        const liar = { ...source, secretAccessKey: "hunter2" };
        const refused = await failure(role({ source: () => liar }));
        assertEquals([refused.code, Deno.inspect(refused).includes("hunter2")], ["Unauthenticated", false]);
        const none = await failure(role({ roleArn: "arn:aws:iam:::role/none" }));
        assertEquals(none.message, "AssumeRole failed: NoSuchEntity");
      });

      await context.step(
        "a web identity token is accepted for its role; damaged, expired and other tokens are refused",
        async () => {
          const provider = webIdentityCredentials({ roleArn: WEB_ROLE, webIdentityTokenFile: "token", context: world });
          webIdentityToken = await identities.token(AUDIENCE);
          const storage = storageWith(provider);
          await storage.save("web.txt", "saved by a pod");
          assertEquals(await read(storage), "saved in a role");
          const good = webIdentityToken;
          const [header, claims, signature] = good.split(".") as [string, string, string];
          for (
            const token of [
              `${header}.${claims}.${signature.slice(0, -8)}AAAAAAAA`,
              await identities.token(AUDIENCE, -300),
              await identities.token("another-app"),
              "no token",
            ]
          ) {
            webIdentityToken = token;
            const error = await failure(provider);
            assertEquals([error.operation, error.status], ["AssumeRoleWithWebIdentity", 403]);
            assertEquals(Deno.inspect(error).includes(token), false);
          }
          webIdentityToken = good;
          assert((await provider()).sessionToken !== undefined);
        },
      );

      await context.step(
        "a thousand concurrent requests call STS once, and renew refused credentials once",
        async () => {
          const provider = refreshingCredentials(role(), { context: world });
          const storage = storageWith(provider);
          asked = 0;
          const answers = await Promise.all(Array.from({ length: 1000 }, () => storage.exists("a.txt")));
          assertEquals([answers.filter(Boolean).length, asked], [1000, 1]);
          const before = await provider();
          assertStrictEquals(provider(), before);
          provider.refused(before);
          const texts = await Promise.all(Array.from({ length: 20 }, () => read(storage)));
          assertEquals([new Set(texts), asked], [new Set(["saved in a role"]), 2]);
          assert(await provider() !== before);
        },
      );
    } finally {
      await stop();
    }
  },
});
