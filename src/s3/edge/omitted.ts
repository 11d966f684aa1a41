/** Sets the parts that this entry omits: each use of one is an error that names the entry to import instead. */
import { type Sessions, sessions } from "../../credentials/from_settings.ts";
import { ConfigurationError, NotSupportedError } from "../../errors.ts";
import { machine } from "../../runtime/detect.ts";
import type { Machine, MachineCode } from "../../runtime/machine.ts";
import { type Profiles, profiles } from "../../settings/profiles.ts";

const INSTEAD = 'import { S3Storage } from "@storages/s3" instead';

/** @throws {ConfigurationError} If the option needs connections of another kind than those of `fetch`. */
const createTransport: Machine["createTransport"] = ({ verify = true, proxies, connectTimeout }) => {
  const omitted = verify !== true
    ? "verify"
    : Object.keys(proxies ?? {}).length > 0
    ? "proxies"
    : connectTimeout !== undefined
    ? "clientConfig.connectTimeout"
    : undefined;
  if (omitted === undefined) return undefined;
  throw new ConfigurationError(`${omitted} cannot be used with @storages/s3/edge: ${INSTEAD}`);
};

/** @throws {ConfigurationError} If a profile is named. */
const reader: Profiles["reader"] = (environment) => (name) => {
  const profile = name ?? environment("AWS_DEFAULT_PROFILE") ?? environment("AWS_PROFILE");
  if (profile === undefined) return undefined;
  throw new ConfigurationError(
    `Cannot read profile '${profile}': @storages/s3/edge reads no AWS files. Set the options accessKey and secretKey, ` +
      `or ${INSTEAD}`,
  );
};

const load: Sessions["load"] = () =>
  Promise.reject(
    new ConfigurationError(
      "No credentials found: set the options accessKey and secretKey, the variables AWS_ACCESS_KEY_ID and " +
        "AWS_SECRET_ACCESS_KEY, or the option credentials to a function. @storages/s3/edge has no other sources, such as " +
        `profiles, web identities, containers and instances: for these, ${INSTEAD}`,
    ),
  );

const code: MachineCode = {
  createTempFile: () => Promise.reject(new NotSupportedError("@storages/s3/edge has no temporary files")),
  fileWriter: (target) => {
    throw new NotSupportedError(
      `Cannot write ${target}: @storages/s3/edge has no files. Give a WritableStream or a Uint8Array, or ${INSTEAD}`,
    );
  },
  bulkTransport: () => undefined,
  completeHead: (response) => Promise.resolve(response),
  configuredTransport: () => {
    throw new NotSupportedError("@storages/s3/edge has no transports");
  },
};

const OMITTED: Machine = {
  hasTempFiles: () => false,
  checkTempFiles: () => {},
  createTransport,
  load: () => Promise.resolve(code),
};

// Another entry, which has the real parts, may be loaded too, before this one or after it.
Object.assign(machine, OMITTED, { ...machine });
Object.assign(profiles, { reader, settings: () => ({}) } satisfies Profiles, { ...profiles });
Object.assign(sessions, { load } satisfies Sessions, { ...sessions });
