/** The version of the package, as in its configuration file. */
export const VERSION = "0.1.0";
