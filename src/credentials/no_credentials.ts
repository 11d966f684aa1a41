import { ConfigurationError } from "../errors.ts";

/**
 * There is nothing at this place, so that the next one may be asked. Where something is there and broken, another error
 * says so.
 */
export class NoCredentialsHere extends ConfigurationError {}
