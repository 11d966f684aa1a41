import type { Profile } from "./profile/profile_files.ts";
import type { ProfileSettings } from "./profile/profile_settings.ts";

/** Access to the config and credentials files of AWS. */
export interface Profiles {
  /**
   * Makes a function that reads the profile of a name, else the one that a variable names, else the default one. It reads
   * the files once for each name, and throws a {@linkcode ConfigurationError} if a named profile is missing.
   *
   * @param files Takes the texts of the files by path, as they are read.
   */
  reader(
    environment: (name: string) => string | undefined,
    files: Map<string, string | undefined>,
  ): (name: string | undefined) => Profile | undefined;
  /** @throws {ConfigurationError} If a value has the wrong type. */
  settings(profile: Profile, environment: (name: string) => string | undefined): ProfileSettings;
}

/** The profiles. Each entry with a storage sets the members when it is loaded, like those of `runtime/machine.ts`. */
export const profiles = {} as Profiles;
