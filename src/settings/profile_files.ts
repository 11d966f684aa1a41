import { ConfigurationError } from "../errors.ts";
import { type IniSection, parseIni } from "./ini.ts";
import { isWindows } from "../runtime/detect.ts";

/** A section of the files. Its values, of which some are secret, show in no log. */
export class ProfileSection {
  readonly #values: IniSection;

  constructor(values: IniSection) {
    this.#values = values;
  }

  /** A value by its key in the file, such as `role_arn`; one that is empty counts as not there. */
  get(key: string): string | undefined {
    const value = this.#values.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** Whether the key is there, be it empty. */
  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** A section within, such as `s3`; empty if it is not there. */
  nested(key: string): ProfileSection {
    const values = this.#values.get(key);
    return new ProfileSection(typeof values === "object" ? values : new Map());
  }
}

/** A profile: what both files say of it. */
export class Profile extends ProfileSection {
  readonly name: string;
  /** The file its access key stands in, with all that belongs to the key. */
  readonly keysIn: "credentials" | "config" | undefined;
  readonly #files: ProfileFiles;

  constructor(name: string, values: IniSection, keysIn: Profile["keysIn"], files: ProfileFiles) {
    super(values);
    this.name = name;
    this.keysIn = keysIn;
    this.#files = files;
    Object.freeze(this);
  }

  /** Where it is from, and what else there is. */
  get files(): ProfileFiles {
    return this.#files;
  }
}

/** What AWS's two files hold. */
export interface ProfileFiles {
  /** The files, by their paths, whether they are there or not; none without a home folder. */
  readonly paths: readonly string[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly ssoSessions: ReadonlyMap<string, ProfileSection>;
  readonly services: ReadonlyMap<string, ProfileSection>;
}

/** A key comes whole from one file: a token of one never meets the secret of the other. */
const KEY_PARTS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/**
 * Reads AWS's config and credentials files. What both say of a profile, the credentials file says.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 *
 * @throws {ConfigurationError} If a file is malformed. The message has the line's number, and nothing of what it says.
 */
export function readProfileFiles(
  environment: (name: string) => string | undefined,
  readTextFile: (path: string) => string | undefined,
): ProfileFiles {
  const paths: string[] = [];
  const read = (what: string, variable: string): Map<string, IniSection> => {
    const path = filePath(what, variable, environment);
    if (path === undefined) return new Map();
    paths.push(path);
    try {
      return parseIni(readTextFile(path) ?? "");
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new ConfigurationError(`The file ${path} cannot be understood: ${error.message}`);
    }
  };
  const configured = new Map<string, IniSection>();
  const ssoSessions = new Map<string, IniSection>();
  const services = new Map<string, IniSection>();
  const kinds = new Map([["profile", configured], ["sso-session", ssoSessions], ["services", services]]);
  for (const [header, values] of read("config", "AWS_CONFIG_FILE")) {
    // A name may be in quotes. A section with a name that makes no sense is none of ours.
    const [, kind, double, single, plain] = /^(\S+)\s+(?:"([^"]+)"|'([^']+)'|([^\s"'\\]+))$/.exec(header) ?? [];
    const name = double ?? single ?? plain;
    // [profile default] counts more than [default], wherever it stands.
    if (header === "default" && !configured.has(header)) configured.set(header, values);
    if (name !== undefined) kinds.get(kind!)?.set(name, values);
  }
  const credentials = read("credentials", "AWS_SHARED_CREDENTIALS_FILE");
  const profiles = new Map<string, Profile>();
  const files = Object.freeze({
    paths,
    profiles,
    ssoSessions: sections(ssoSessions),
    services: sections(services),
  });
  for (const name of new Set([...configured.keys(), ...credentials.keys()])) {
    const config = new Map(configured.get(name));
    const own = credentials.get(name);
    const has = (values?: IniSection): boolean => KEY_PARTS.some((part) => values?.get(part));
    if (has(own)) KEY_PARTS.forEach((part) => config.delete(part));
    const keysIn = has(own) ? "credentials" : has(config) ? "config" : undefined;
    profiles.set(name, new Profile(name, new Map([...config, ...own ?? []]), keysIn, files));
  }
  return files;
}

/**
 * The user's own folder; `undefined` where the environment does not say. One that depends on the working directory is none:
 * whoever can write there would supply keys, endpoints and programs.
 */
export function homeFolder(environment: (name: string) => string | undefined): string | undefined {
  const home = environment("HOME") ?? environment("USERPROFILE");
  return home !== undefined && (isWindows() ? /^([a-z]:)?[/\\]/i : /^\//).test(home) ? home : undefined;
}

/** As boto3 finds it, by variables and `~`; but what these leave is no name in the working directory. */
function filePath(
  what: string,
  variable: string,
  environment: (name: string) => string | undefined,
): string | undefined {
  const given = environment(variable);
  const path = (given ?? `~/.aws/${what}`).replace(
    /\$(\w+|\{\w+\})|^~(?=$|[/\\])/g,
    (all, name?: string) => (name ? environment(name.replace(/\W/g, "")) : homeFolder(environment)) ?? all,
  );
  if (!/^[~$]/.test(path)) return path;
  if (given === undefined) return undefined;
  throw new ConfigurationError(
    `${variable} must be a path, or begin with ~/ where HOME is set: current value is "${given}"`,
  );
}

function sections(named: ReadonlyMap<string, IniSection>): ReadonlyMap<string, ProfileSection> {
  return new Map([...named].map(([name, values]) => [name, new ProfileSection(values)]));
}
