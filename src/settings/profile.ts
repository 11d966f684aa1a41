import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import { readEnvironment } from "../runtime/environment.ts";
import { readTextFileSync } from "../runtime/files/text_files.ts";
import { type Profile, readProfileFiles } from "./profile_files.ts";

/** Which profile, and how the world is read. */
export interface ReadProfileOptions {
  /** The profile's name; without it that of AWS_DEFAULT_PROFILE or AWS_PROFILE, in boto3's order, or `default`. */
  readonly name?: string | undefined;
  readonly environment?: ((name: string) => string | undefined) | undefined;
  /** Reads a text file; `undefined` when it is missing or may not be read. */
  readonly readTextFile?: ((path: string) => string | undefined) | undefined;
}

/**
 * Reads a profile from AWS's config and credentials files.
 *
 * @returns The profile; `undefined` if none was asked for and there is no `default`.
 * @throws {ConfigurationError} If the profile that was asked for is missing, or a file is malformed.
 */
export function readProfile(options: ReadProfileOptions = {}): Profile | undefined {
  const { environment = readEnvironment, readTextFile = readTextFileSync } = options;
  const asked = options.name ?? environment("AWS_DEFAULT_PROFILE") ?? environment("AWS_PROFILE");
  const files = readProfileFiles(environment, readTextFile);
  const profile = files.profiles.get(asked ?? "default");
  if (profile !== undefined || asked === undefined) return profile;
  throw new ConfigurationError(missingProfile(asked, files));
}

/** What to say where a profile is missing. */
export function missingProfile(name: string, { paths, profiles }: Profile["files"]): string {
  const where = paths.join(" and ") || "none, as HOME is unset";
  return `${
    unknownName("profile", name, [...profiles.keys()])
  } The files are ${where}; what may not be read counts as missing.`;
}
