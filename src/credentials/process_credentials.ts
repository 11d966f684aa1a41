import { ConfigurationError, TimeoutError } from "../errors.ts";
import { splitShellWords } from "../kit/shell_words.ts";
import { isWindows, runCommand } from "../runtime/run_command.ts";
import { parseObject } from "./ask_json.ts";
import { checkCredentials, type CredentialProvider, type Credentials } from "./provider.ts";

/** Which program hands out credentials. */
export interface ProcessCredentialsOptions {
  /** The command line, as `credential_process` has it. No shell sees it. */
  readonly commandLine: string;
  /** Where it is from, for errors: `"credential_process of the profile dev"`. */
  readonly what: string;
  readonly now: () => Date;
  /**
   * How long the program may take.
   * @default {60000}
   */
  readonly timeoutMilliseconds?: number | undefined;
}

/**
 * Credentials from a program that prints them as JSON.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 *
 * @throws {ConfigurationError} If the command line makes no sense. No message shows it, or what the program printed.
 */
export function processCredentials(options: ProcessCredentialsOptions): CredentialProvider {
  const { what, timeoutMilliseconds = 60_000 } = options;
  const [program, ...args] = split(options.commandLine, what);
  if (program === undefined) throw new ConfigurationError(`${what} names no program`);
  return async () => {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new TimeoutError(`${what}: ${program} did not end within ${timeoutMilliseconds} ms`)),
      timeoutMilliseconds,
    );
    try {
      const { exitCode, stdout } = await runCommand(program, args, deadline.signal);
      if (exitCode !== 0) {
        throw new ConfigurationError(
          `${what}: ${program} failed with exit code ${exitCode}; run it by hand to see why`,
        );
      }
      return readCredentials(parseObject(stdout), `${what}: ${program}`, options.now());
    } finally {
      clearTimeout(timer);
    }
  };
}

function split(commandLine: string, what: string): string[] {
  try {
    return splitShellWords(commandLine, isWindows());
  } catch (error) {
    throw new ConfigurationError(`${what} is no command line: ${(error as Error).message}`);
  }
}

function readCredentials(members: Readonly<Record<string, unknown>>, what: string, now: Date): Credentials {
  if (members.Version !== 1) {
    throw new ConfigurationError(`${what} must print a JSON object whose Version is 1`);
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = members;
  const expiration = Expiration === undefined || Expiration === null ? undefined : new Date(String(Expiration));
  if (Number.isNaN(expiration?.getTime())) {
    throw new ConfigurationError(`${what} printed an Expiration that is no date in ISO 8601`);
  }
  if (expiration !== undefined && expiration <= now) {
    throw new ConfigurationError(`${what} printed credentials that ended at ${expiration.toISOString()}`);
  }
  try {
    return Object.freeze(checkCredentials({
      accessKeyId: AccessKeyId as string,
      secretAccessKey: SecretAccessKey as string,
      sessionToken: (SessionToken ?? undefined) as string | undefined,
      expiration,
    }));
  } catch (error) {
    throw new ConfigurationError(`${what} printed no credentials: ${(error as Error).message}`);
  }
}
