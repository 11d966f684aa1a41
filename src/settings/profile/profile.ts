import { ConfigurationError } from "../../errors.ts";
import { unknownName } from "../../kit/text/closest.ts";
import { readEnvironment } from "../../runtime/environment.ts";
import { readTextFileSync } from "../../runtime/files/text_files.ts";
import { type Profile, readProfileFiles } from "./profile_files.ts";

/** The name of a profile, and access to environment and files. */
export interface ReadProfileOptions {
  /**
   * The name of the profile. @default that of AWS_DEFAULT_PROFILE, else of AWS_PROFILE (boto3's order), else `default`
   */
  readonly name?: string | undefined;
  readonly environment?: ((name: string) => string | undefined) | undefined;
  /** Reads a text file; `undefined` if it is missing or may not be read. */
  readonly readTextFile?: ((path: string) => string | undefined) | undefined;
}

/**
 * Reads a profile from the config and credentials files of AWS.
 *
 * @returns The profile; `undefined` if no profile is named and there is no `default`.
 * @throws {ConfigurationError} If the named profile is missing, or a file is malformed.
 */
export function readProfile(options: ReadProfileOptions = {}): Profile | undefined {
  const { environment = readEnvironment, readTextFile = readTextFileSync } = options;
  const asked = options.name ?? environment("AWS_DEFAULT_PROFILE") ?? environment("AWS_PROFILE");
  const files = readProfileFiles(environment, readTextFile);
  const profile = files.profiles.get(asked ?? "default");
  if (profile !== undefined || asked === undefined) return profile;
  throw new ConfigurationError(missingProfile(asked, files));
}

/** Returns the message for a missing profile. */
export function missingProfile(name: string, { paths, profiles }: Profile["files"]): string {
  const where = paths.join(" and ") || "unknown, as HOME is unset";
  return `${
    unknownName("profile", name, [...profiles.keys()])
  } The files are ${where}. A file that may not be read is treated as missing.`;
}
