/** Sets {@linkcode sessions} to those of boto3. */
import { type Sessions, sessions } from "./from_settings.ts";

Object.assign(
  sessions,
  {
    load: async (settings, origin) => await (await import("./shared_session.ts")).sharedSession(settings, origin),
  } satisfies Sessions,
);
