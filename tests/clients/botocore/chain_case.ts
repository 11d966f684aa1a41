/** An environment that credentials are looked for in, and what came of it. */

export interface ChainCase {
  /** The working directory. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The profile that code asks for. */
  readonly profile?: string | undefined;
}

export interface ChainInput {
  /** The host and port of what stands in for ECS. */
  readonly container: string;
  /** STS and SSO, by their names in botocore. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly cases: readonly ChainCase[];
}

/** The access key that a request is signed with, or why there is none. */
export type ChainResult = { readonly key: string } | { readonly refused: string };
