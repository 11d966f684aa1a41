/** Intended differences between a storage and botocore, with reasons. */
import type { ChainResult } from "./chain_case.ts";
import { CONTAINER_TOKEN, type GeneratedCase } from "./chain_generator.ts";

export interface Reason {
  readonly why: string;
  /** The error of the storage where botocore succeeds. */
  readonly ours?: RegExp;
  /** The error of botocore where the storage succeeds. */
  readonly theirs?: RegExp;
  /** The variables with which botocore has the same result; `undefined` if the reason does not apply. */
  readonly instead?: (given: GeneratedCase) => Readonly<Record<string, string | undefined>> | undefined;
}

type Instead = NonNullable<Reason["instead"]>;

const where =
  (test: (given: GeneratedCase) => unknown, changes: (given: GeneratedCase) => ReturnType<Instead>): Instead =>
  (given) => test(given) ? changes(given) : undefined;

export const REASONS: Readonly<Record<string, Reason>> = {
  "an empty variable counts as unset": {
    why:
      "Shells and container files clear variables so. botocore uses some as a value: a profile, a file with an empty name.",
    instead: ({ environment }) => {
      const empty = Object.entries(environment).filter(([name, value]) => value === "" && name !== "HOME");
      return empty.length === 0 ? undefined : Object.fromEntries(empty.map(([name]) => [name, undefined]));
    },
  },
  "a HOME that is not an absolute path counts as unset": {
    why:
      "Anyone with write access to the working directory could supply keys and programs. botocore uses / for an empty one.",
    instead: where(
      ({ environment }) => environment.HOME !== undefined && !environment.HOME.startsWith("/"),
      ({ folder }) => ({ HOME: `${folder}/none` }),
    ),
  },
  "a path with an unexpanded variable is refused": {
    why: "botocore reads below folders named ~, ~user or $NAME in the working directory.",
    ours: /^ConfigurationError: AWS_(CONFIG|SHARED_CREDENTIALS)_FILE must be a path, or begin with ~\//,
  },
  "a token's file has no ~": {
    why: "The same; botocore never expands this path.",
    ours: /The web identity token file ~\/token is missing/,
  },
  "half a key is refused, whichever half": {
    why: "botocore refuses a key without its secret, but ignores a secret or a token without its key.",
    ours: /^ConfigurationError: (accessKey|aws_access_key_id) is missing/,
  },
  "an empty value in a profile is refused": {
    why: "botocore uses some as a value, and ignores a token file and everything that depends on it.",
    ours: /of profile '\w+' must not be empty$/,
  },
  "a profile that the code names takes precedence over keys in variables": {
    why: "As in django-storages; botocore ignores the keys.",
    ours: /^ConfigurationError: sessionProfile \(AWS_S3_SESSION_PROFILE\) cannot be combined with accessKey/,
  },
  "an SSO token that has expired is not sent": {
    why: "This version of botocore sends it, and SSO refuses it.",
    ours: /^UnauthenticatedError: The SSO session has expired/,
  },
  "a line end is not part of a token": {
    why: "Editors add one to the file. botocore sends it, and STS refuses the token.",
    instead: where(
      ({ environment }) => environment.AWS_WEB_IDENTITY_TOKEN_FILE?.endsWith("/token-line"),
      ({ environment }) => ({
        AWS_WEB_IDENTITY_TOKEN_FILE: environment.AWS_WEB_IDENTITY_TOKEN_FILE!.replace("-line", ""),
      }),
    ),
  },
  "a container's token may be in a file": {
    why: "As with EKS Pod Identity; botocore supports it since 1.34.",
    instead: where(
      ({ environment }) => environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
      () => ({ AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_TOKEN }),
    ),
  },
  "the credential file of the first AWS tools is refused": {
    why: "The tools are obsolete, and a user who sets the variable does not expect other keys.",
    ours: /^ConfigurationError: AWS_CREDENTIAL_FILE is not supported/,
  },
  "the configuration of boto 2 is ignored": {
    why: "Its file is that of other programs, such as gsutil.",
    instead: where(({ files }) => Object.keys(files).some((path) => path.endsWith(".boto")), ({ folder }) => ({
      BOTO_CONFIG: `${folder}/none`,
    })),
  },
  "an unused SSO session may be broken": {
    why: "botocore loads a bearer token of SSO for each client, although STS and S3 do not use it.",
    theirs: /^InvalidConfigError: The profile "\w+" is configured to use the SSO token provider but/,
  },
  "a source profile may have an SSO session": {
    why: "This version of botocore looks for the session in the profile that the code names.",
    theirs: /^AttributeError: 'NoneType' object has no attribute 'get_frozen_token'/,
  },
};

/** The reasons that explain a difference by the error of one side. */
export function refusalReason(theirs: ChainResult, ours: ChainResult): string | undefined {
  const says = (result: ChainResult, pattern: RegExp | undefined): boolean =>
    pattern !== undefined && "refused" in result && pattern.test(result.refused);
  return Object.entries(REASONS).find(([, reason]) => says(ours, reason.ours) || says(theirs, reason.theirs))?.[0];
}

/** The case with which botocore has the same result, and the reasons. */
export function rewritten(given: GeneratedCase): { readonly given: GeneratedCase; readonly reasons: string[] } {
  const environment: Record<string, string | undefined> = { ...given.environment };
  const reasons: string[] = [];
  for (const [name, { instead }] of Object.entries(REASONS)) {
    const changes = instead?.(given);
    if (changes === undefined) continue;
    reasons.push(name);
    for (const [variable, value] of Object.entries(changes)) environment[variable] = value;
  }
  const set = Object.entries(environment).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { given: { ...given, environment: Object.fromEntries(set) }, reasons };
}
