import { ConfigurationError, TimeoutError } from "../../errors.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import { parseJsonObject } from "../json_object.ts";
import { splitShellWords } from "./shell_words.ts";
import { isWindows } from "../../runtime/detect.ts";
import { runCommand } from "../../runtime/run_command.ts";
import { IssuedCredentials } from "../endpoints/issued_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
import { readExpiration } from "../sdk_shape.ts";

/** A program that prints credentials. */
export interface ProcessCredentialsOptions {
  /** The command line of `credential_process`. It is not run by a shell. */
  readonly commandLine: string;
  /** The source of the command line in errors: `"credential_process of profile 'dev'"`. */
  readonly what: string;
  readonly now: () => Date;
  /**
   * The timeout of the program.
   * @default {60000}
   */
  readonly timeoutMilliseconds?: number | undefined;
}

/**
 * Makes a provider of the credentials that a program prints as JSON.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Process credential provider".
 *
 * @throws {ConfigurationError} If the command line is malformed. No message shows it, nor the output of the program.
 */
export function processCredentials(options: ProcessCredentialsOptions): CredentialProvider {
  const { what, timeoutMilliseconds = 60_000 } = options;
  const [program, ...args] = split(options.commandLine, what);
  if (program === undefined) throw new ConfigurationError(`${what} must not be empty`);
  return async () => {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new TimeoutError(`${what}: ${program} did not end within ${timeoutMilliseconds} ms`)),
      timerDelay(timeoutMilliseconds),
    );
    try {
      const { exitCode, stdout } = await runCommand(program, args, deadline.signal);
      if (exitCode !== 0) {
        throw new ConfigurationError(
          `${what}: ${program} failed with exit code ${exitCode}: run it in a terminal to see why`,
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
    throw new ConfigurationError(`${what} is malformed: ${(error as Error).message}`);
  }
}

function readPrinted(printed: ReturnType<typeof parseJsonObject>, what: string, now: Date): Credentials {
  if (printed?.Version !== 1) {
    throw new ConfigurationError(`${what} must print a JSON object whose Version is 1`);
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = printed;
  const expiration = readPrintedExpiration(Expiration, what);
  if (expiration !== undefined && expiration <= now) {
    throw new ConfigurationError(`${what} printed credentials that expired at ${expiration.toISOString()}`);
  }
  try {
    return new IssuedCredentials({
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration,
    });
  } catch (error) {
    throw new ConfigurationError(`${what} printed malformed credentials: ${(error as Error).message}`);
  }
}

/** Reads the expiration without showing it in the error, unlike {@linkcode readExpiration}. */
function readPrintedExpiration(value: unknown, what: string): Date | undefined {
  try {
    return readExpiration(value);
  } catch {
    throw new ConfigurationError(`${what} must print an Expiration such as "2030-01-31T12:00:00Z"`);
  }
}
