/** Profiles and their sources for tests: files are texts, and sources say what they were asked. */
import type { ProviderContext } from "../../../src/credentials/context.ts";
import { fromProfile, type FromProfileOptions } from "../../../src/credentials/from_profile.ts";
import type { ProfileSources } from "../../../src/credentials/profile_sources.ts";
import type { CredentialProvider } from "../../../src/credentials/provider.ts";
import { readTextFile } from "../../../src/runtime/files.ts";

/** The clock of tests that need one. */
export const NOW = new Date("2029-06-01T12:00:00Z");

/** Hands out a key whose name is what it was asked for, in JSON. */
const telling = (asked: unknown): CredentialProvider => () => ({
  accessKeyId: JSON.stringify(asked),
  secretAccessKey: "secret",
});

/** Sources that do nothing but say what they were asked. */
export const TELLING_SOURCES: ProfileSources = {
  assumeRole: ({ source, context: _, ...asked }) => async () =>
    telling({ ...asked, source: (await source()).accessKeyId })(),
  webIdentityCredentials: ({ context: _, ...asked }) => telling(asked),
  containerCredentials: () => telling("container"),
  instanceMetadataCredentials: () => telling("instance metadata"),
  environmentCredentials: () => telling("environment"),
};

/** The world as the environment says it is, with real files and a real network. */
export function contextOf(environment: Readonly<Record<string, string>>): ProviderContext {
  return { environment: (name) => environment[name], readTextFile, fetch, now: () => NOW };
}

/** A provider from the text of a config file, and maybe of a credentials file. */
export function fromTexts(
  { config = "", credentials = "", environment = {}, ...options }: Partial<FromProfileOptions> & {
    readonly config?: string;
    readonly credentials?: string;
    readonly environment?: Readonly<Record<string, string>>;
  },
): CredentialProvider {
  return fromProfile({
    context: contextOf(environment),
    sources: TELLING_SOURCES,
    readTextFileSync: (path) => path.endsWith("config") ? config : credentials,
    ...options,
  });
}
