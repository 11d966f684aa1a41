import { ConfigurationError } from "../errors.ts";

/**
 * A place has no credentials, so the next place is asked. A place that is configured but fails throws another error.
 */
export class NoCredentialsFound extends ConfigurationError {}
