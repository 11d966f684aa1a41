/** Sets {@linkcode profiles} to those of the AWS files. */
import { readTextFileSync } from "../../runtime/files/text_files.ts";
import { type Profiles, profiles } from "../profiles.ts";
import { readProfile } from "./profile.ts";
import type { Profile } from "./profile_files.ts";
import { profileSettings } from "./profile_settings.ts";

const reader: Profiles["reader"] = (environment, files) => {
  const readTextFile = (path: string): string | undefined => {
    const text = readTextFileSync(path);
    files.set(path, text);
    return text;
  };
  const found = new Map<string | undefined, Profile | undefined>();
  return (name) => {
    if (!found.has(name)) found.set(name, readProfile({ name, environment, readTextFile }));
    return found.get(name);
  };
};

Object.assign(profiles, { reader, settings: profileSettings } satisfies Profiles);
