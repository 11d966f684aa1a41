/** An environment of a search for credentials, and its result. */

export interface ChainCase {
  /** The working directory. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The profile that the code names. */
  readonly profile?: string | undefined;
}

export interface ChainInput {
  /** The host and port of the replacement for ECS. */
  readonly container: string;
  /** STS and SSO, by their names in botocore. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly cases: readonly ChainCase[];
}

/** The access key that a request is signed with, or the reason why it was not sent. */
export type ChainResult = { readonly key: string } | { readonly refused: string };
