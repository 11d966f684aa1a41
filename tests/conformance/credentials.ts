import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Credentials, isStorageError } from "../../mod.ts";
import { rejection, type S3Case } from "./case.ts";

interface Global {
  fetch: typeof fetch;
  readonly process?: { readonly env?: Record<string, string | undefined> };
  readonly navigator?: { readonly userAgent?: string };
}

const here = globalThis as unknown as Global;
const isEdge = here.process === undefined || here.navigator?.userAgent === "Cloudflare-Workers";

/** Where nobody has keys: what this machine has is out of sight. Returns how often the network was asked. */
async function withoutKeys(run: () => Promise<void>): Promise<number> {
  const env = here.process?.env ?? {};
  const before = Object.entries(env).filter(([name]) => name.startsWith("AWS_"));
  const { fetch } = here;
  let asked = 0;
  here.fetch = (...given) => {
    asked++;
    return fetch(...given);
  };
  for (const [name] of before) delete env[name];
  if (here.process?.env !== undefined) {
    Object.assign(env, {
      ...!isEdge && { AWS_EC2_METADATA_DISABLED: "true" }, // which an edge must not need
      AWS_CONFIG_FILE: "/none/config",
      AWS_SHARED_CREDENTIALS_FILE: "/none/credentials",
    });
  }
  try {
    await run();
    return asked;
  } finally {
    here.fetch = fetch;
    for (const name of Object.keys(env)) if (name.startsWith("AWS_")) delete env[name];
    Object.assign(env, Object.fromEntries(before));
  }
}

const NO_KEYS = { accessKey: undefined, secretKey: undefined };

/** Where keys come from, on every runtime, most of which have neither files nor an instance to ask. */
export const credentialCases: S3Case[] = [
  {
    name: "a function as credentials is called once until they expire",
    async run({ open, peer }): Promise<void> {
      const { accessKey, secretKey } = peer.settings;
      let asked = 0;
      const credentials = (): Promise<Credentials> => {
        asked++;
        const expiration = new Date(Date.now() + 600_000);
        return Promise.resolve({ accessKeyId: accessKey, secretAccessKey: secretKey, expiration });
      };
      const storage = open({ ...NO_KEYS, credentials });
      await Promise.all(["a", "b", "c"].map((name) => storage.save(name, name)));
      for (const url of [await storage.url("a"), storage.urlSync("a")]) {
        assert(Number(new URL(url).searchParams.get("X-Amz-Expires")) <= 600, "it outlives the keys");
        assertEquals(await (await peer.fetch(url)).text(), "a");
      }
      assertEquals(asked, 1);
    },
  },
  {
    name: "a storage without keys fails at its first request with advice, and sends nothing",
    async run({ open }): Promise<void> {
      const sent = await withoutKeys(async () => {
        const storage = open({ ...NO_KEYS, fetch: undefined });
        for (const send of [() => storage.exists("a"), () => storage.save("a", "x"), () => storage.url("a")]) {
          const error = await rejection(send());
          assert(isStorageError(error, "Configuration"), `${error}`);
          assertMatch(
            error.message,
            /^No credentials found.* options accessKey and secretKey.* option credentials/,
          );
          assertEquals(
            /this runtime has no files and no instance metadata|edge has no other sources/.test(error.message),
            isEdge,
          );
        }
      });
      assertEquals(sent, 0);
    },
  },
  {
    name: "a missing profile is an error with the names of the searched files, without a request",
    async run({ open }): Promise<void> {
      const sent = await withoutKeys(async () => {
        const error = await rejection(Promise.resolve().then(() => open({ ...NO_KEYS, sessionProfile: "work" })));
        assert(isStorageError(error, "Configuration"), `${error}`);
        assertMatch(
          error.message,
          isEdge
            ? /Unknown profile 'work'.* The files are |'work': .* reads no AWS files/
            : /Unknown profile 'work'.*\/none\/config/,
        );
      });
      assertEquals(sent, 0);
    },
  },
  {
    name: "credentials that never come fail in time, and name their source",
    async run({ open }): Promise<void> {
      const credentials = Object.assign(() => new Promise<Credentials>(() => {}), { source: () => "the vault" });
      const storage = open({ ...NO_KEYS, credentials, clientConfig: { credentialsTimeout: 0.05 } });
      for (const send of [() => storage.exists("a"), () => storage.save("a", "x"), () => storage.url("a")]) {
        const error = await rejection(send());
        assert(isStorageError(error, "Timeout"), `${error}`);
        assertMatch(error.message, /^Cannot get credentials: .* did not answer within 0.05 s/);
      }
    },
  },
  {
    name: "the expiration of credentials may have the forms that services write",
    async run({ open, peer }): Promise<void> {
      const { accessKey, secretKey } = peer.settings;
      for (const end of ["2099-05-16T19:19:29UTC", "20990516T191929Z", "Sat, 16 May 2099 19:19:29 GMT"]) {
        let asked = 0;
        const credentials = (): Promise<Credentials> => {
          asked++;
          const expiration = end as unknown as Date;
          return Promise.resolve({ accessKeyId: accessKey, secretAccessKey: secretKey, expiration });
        };
        const storage = open({ ...NO_KEYS, credentials });
        await storage.save("a", "a");
        assertEquals([await storage.exists("a"), asked], [true, 1], end);
      }
    },
  },
];
