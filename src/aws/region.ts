/** Pseudo regions that choose a FIPS host: `fips-us-east-1`, `us-east-1-fips`. */
const FIPS = /^fips-(?=.)|(?<=.)-fips$/;

/**
 * Resolves a pseudo region to the region that it means, and whether it asks for the FIPS host. Source: botocore.
 *
 * @param name `aws-global`, `fips-us-east-1`, or a region, which is returned as it is.
 */
export function realRegion(name: string): { readonly region: string; readonly fips: boolean } {
  return { region: name === "aws-global" ? "us-east-1" : name.replace(FIPS, ""), fips: FIPS.test(name) };
}
