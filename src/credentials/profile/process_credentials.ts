import { ConfigurationError, TimeoutError } from "../../errors.ts";
import { parseJsonObject } from "../json_object.ts";
import { splitShellWords } from "./shell_words.ts";
import { isWindows } from "../../runtime/detect.ts";
import { runCommand } from "../../runtime/run_command.ts";
import { IssuedCredentials } from "../endpoints/issued_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
import { readExpiration } from "../sdk_shape.ts";

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
      return readPrinted(parseJsonObject(stdout), `${what}: ${program}`, options.now());
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

function readPrinted(printed: ReturnType<typeof parseJsonObject>, what: string, now: Date): Credentials {
  if (printed?.Version !== 1) {
    throw new ConfigurationError(`${what} must print a JSON object whose Version is 1`);
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = printed;
  const expiration = readEnd(Expiration, what);
  if (expiration !== undefined && expiration <= now) {
    throw new ConfigurationError(`${what} printed credentials that ended at ${expiration.toISOString()}`);
  }
  try {
    return new IssuedCredentials({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration,
    });
  } catch (error) {
    throw new ConfigurationError(`${what} printed no credentials: ${(error as Error).message}`);
  }
}

/** The reader's own error would show what was printed. */
function readEnd(value: unknown, what: string): Date | undefined {
  try {
    return readExpiration(value);
  } catch {
    throw new ConfigurationError(`${what} printed an Expiration that is no time such as "2030-01-31T12:00:00Z"`);
  }
}
