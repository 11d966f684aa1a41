import { ConfigurationError } from "../errors.ts";

/**
 * A source has no credentials, so the next source is used. A source that is configured but fails throws another error.
 */
export class NoCredentialsFound extends ConfigurationError {}
