import { ConfigurationError } from "../../errors.ts";
import { type IniSection, parseIni } from "./ini.ts";
import { isWindows } from "../../runtime/detect.ts";

/** A section of the AWS files. Logs do not show its values, as some are secret. */
export class ProfileSection {
  readonly #values: IniSection;

  constructor(values: IniSection) {
    this.#values = values;
  }

  /** Returns the value of a key such as `role_arn`; `undefined` if it is missing or empty. */
  get(key: string): string | undefined {
    const value = this.#values.get(key);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** Whether the key exists, even with an empty value. */
  has(key: string): boolean {
    return this.#values.has(key);
  }

  /** Returns a nested section such as `s3`; an empty one if it is missing. */
  nested(key: string): ProfileSection {
    const values = this.#values.get(key);
    return new ProfileSection(typeof values === "object" ? values : new Map());
  }
}

/** A profile, merged from both files. */
export class Profile extends ProfileSection {
  readonly name: string;
  /** The file with its access key and everything that belongs to the key. */
  readonly keysIn: "credentials" | "config" | undefined;
  readonly #files: ProfileFiles;

  constructor(name: string, values: IniSection, keysIn: Profile["keysIn"], files: ProfileFiles) {
    super(values);
    this.name = name;
    this.keysIn = keysIn;
    this.#files = files;
    Object.freeze(this);
  }

  /** The files that it comes from. */
  get files(): ProfileFiles {
    return this.#files;
  }
}

/** The content of the two AWS files. */
export interface ProfileFiles {
  /** The paths of the files, whether they exist or not; none without a home folder. */
  readonly paths: readonly string[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly ssoSessions: ReadonlyMap<string, ProfileSection>;
  readonly services: ReadonlyMap<string, ProfileSection>;
}

/**
 * The keys of one credential, which come from the same file: a token of one file is never used with a secret of the
 * other.
 */
const KEY_PARTS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"];

/**
 * Reads the config and credentials files of AWS. The credentials file takes precedence.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 *
 * @throws {ConfigurationError} If a file is malformed. The message has the number of the line, but not its text.
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
      throw new ConfigurationError(`Cannot read ${path}: ${error.message}`);
    }
  };
  const configured = new Map<string, IniSection>();
  const ssoSessions = new Map<string, IniSection>();
  const services = new Map<string, IniSection>();
  const kinds = new Map([["profile", configured], ["sso-session", ssoSessions], ["services", services]]);
  for (const [header, values] of read("config", "AWS_CONFIG_FILE")) {
    // A name may be in quotes. Sections with other names are ignored.
    const [, kind, double, single, plain] = /^(\S+)\s+(?:"([^"]+)"|'([^']+)'|([^\s"'\\]+))$/.exec(header) ?? [];
    const name = double ?? single ?? plain;
    // [profile default] takes precedence over [default], whatever their order.
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
 * Returns the home folder; `undefined` if the environment has none. A path relative to the working directory is
 * ignored, as anyone who can write there could supply keys, endpoints and programs.
 */
export function homeFolder(environment: (name: string) => string | undefined): string | undefined {
  const home = environment("HOME") ?? environment("USERPROFILE");
  return home !== undefined && (isWindows() ? /^([a-z]:)?[/\\]/i : /^\//).test(home) ? home : undefined;
}

/** Returns the path of a file as boto3 does, expanding variables and `~`, but never a name in the working directory. */
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
    `${variable} must be a path, or begin with ~/ while HOME is set, got "${given}"`,
  );
}

function sections(named: ReadonlyMap<string, IniSection>): ReadonlyMap<string, ProfileSection> {
  return new Map([...named].map(([name, values]) => [name, new ProfileSection(values)]));
}
