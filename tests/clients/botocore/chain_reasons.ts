/** Where a storage is meant to do something else than botocore, and why. */
import type { ChainResult } from "./chain_case.ts";
import { CONTAINER_TOKEN, type GeneratedCase } from "./chain_generator.ts";

export interface Reason {
  readonly why: string;
  /** How the storage refuses what botocore makes something of. */
  readonly ours?: RegExp;
  /** How botocore refuses what a storage makes something of. */
  readonly theirs?: RegExp;
  /** The variables with which botocore does the same; `undefined` where the reason is not there. */
  readonly instead?: (given: GeneratedCase) => Readonly<Record<string, string | undefined>> | undefined;
}

type Instead = NonNullable<Reason["instead"]>;

const where =
  (test: (given: GeneratedCase) => unknown, changes: (given: GeneratedCase) => ReturnType<Instead>): Instead =>
  (given) => test(given) ? changes(given) : undefined;

export const REASONS: Readonly<Record<string, Reason>> = {
  "an empty variable counts as unset": {
    why:
      "Shells and container files clear variables so. botocore takes some for a value: a profile, a file of no name.",
    instead: ({ environment }) => {
      const empty = Object.entries(environment).filter(([name, value]) => value === "" && name !== "HOME");
      return empty.length === 0 ? undefined : Object.fromEntries(empty.map(([name]) => [name, undefined]));
    },
  },
  "a HOME that is no absolute path is none": {
    why:
      "Whoever may write to the working directory would supply keys and programs. botocore takes an empty one for /.",
    instead: where(
      ({ environment }) => environment.HOME !== undefined && !environment.HOME.startsWith("/"),
      ({ folder }) => ({ HOME: `${folder}/none` }),
    ),
  },
  "a path that nothing fills in is refused": {
    why: "botocore reads below folders named ~, ~user or $NAME in the working directory.",
    ours: /^ConfigurationError: AWS_(CONFIG|SHARED_CREDENTIALS)_FILE must be a path, or begin with ~\//,
  },
  "a token's file has no ~": {
    why: "The same; botocore does not fill in this one at all.",
    ours: /The web identity token file ~\/token is missing/,
  },
  "half a key is refused, whichever half": {
    why: "botocore refuses a key without its secret, but overlooks a secret or a token without its key.",
    ours: /^ConfigurationError: (accessKey|aws_access_key_id) is missing/,
  },
  "what stands empty in a profile is refused": {
    why: "botocore takes some for a value, and overlooks a token's file and all that needs it.",
    ours: /of profile '\w+' must not be empty$/,
  },
  "a profile that code asks for has credentials": {
    why: "botocore goes on to the machine's own.",
    ours: /^ConfigurationError: Profile '\w+' has no credentials/,
  },
  "a profile that code asks for excludes keys in variables": {
    why: "django-storages says so; botocore overlooks the keys.",
    ours: /^ConfigurationError: sessionProfile \(AWS_S3_SESSION_PROFILE\) cannot be combined with accessKey/,
  },
  "keys in variables last": {
    why: "They are settings of django-storages, which hands them to boto3 as they are.",
    instead: where(
      ({ environment }) => environment.AWS_CREDENTIAL_EXPIRATION,
      () => ({ AWS_CREDENTIAL_EXPIRATION: undefined }),
    ),
  },
  "an SSO token that has expired is not sent": {
    why: "botocore of this version sends it, and leaves it to SSO to refuse it.",
    ours: /^UnauthenticatedError: The SSO session has expired/,
  },
  "a token's line end is none of it": {
    why: "No token has one, and editors write one. botocore sends it along, which STS refuses.",
    instead: where(
      ({ environment }) => environment.AWS_WEB_IDENTITY_TOKEN_FILE?.endsWith("/token-line"),
      ({ environment }) => ({
        AWS_WEB_IDENTITY_TOKEN_FILE: environment.AWS_WEB_IDENTITY_TOKEN_FILE!.replace("-line", ""),
      }),
    ),
  },
  "a container's token may be in a file": {
    why: "EKS Pod Identity has it there; botocore reads it from 1.34 on.",
    instead: where(
      ({ environment }) => environment.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
      () => ({ AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_TOKEN }),
    ),
  },
  "the file of Amazon's first tools is refused": {
    why: "Nobody has those tools any more. Whoever sets the variable means no other keys.",
    ours: /^ConfigurationError: AWS_CREDENTIAL_FILE is not supported/,
  },
  "boto 2 has no say": {
    why: "Its file is that of other programs, such as gsutil.",
    instead: where(({ files }) => Object.keys(files).some((path) => path.endsWith(".boto")), ({ folder }) => ({
      BOTO_CONFIG: `${folder}/none`,
    })),
  },
  "a session of SSO that is not used may be broken": {
    why: "botocore looks for a bearer token of SSO for each client, though STS and S3 take none.",
    theirs: /^InvalidConfigError: The profile "\w+" is configured to use the SSO token provider but/,
  },
  "a source profile may have an SSO session": {
    why: "botocore of this version looks for the session in the profile that was asked for.",
    theirs: /^AttributeError: 'NoneType' object has no attribute 'get_frozen_token'/,
  },
};

/** The reasons that explain a difference by how one side refuses. */
export function refusalReason(theirs: ChainResult, ours: ChainResult): string | undefined {
  const says = (result: ChainResult, pattern: RegExp | undefined): boolean =>
    pattern !== undefined && "refused" in result && pattern.test(result.refused);
  return Object.entries(REASONS).find(([, reason]) => says(ours, reason.ours) || says(theirs, reason.theirs))?.[0];
}

/** The case as botocore would have to find it to do the same, and the reasons why. */
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
