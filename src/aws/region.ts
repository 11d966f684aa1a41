/** Regions that only say which host to use: `fips-us-east-1`. */
const FIPS = /^fips-(?=.)|(?<=.)-fips$/;

/**
 * The region behind a pseudo region, and whether its FIPS endpoint is meant. Source: botocore.
 *
 * @param name `aws-global`, `fips-us-east-1`, or any region, which is itself.
 */
export function realRegion(name: string): { readonly region: string; readonly fips: boolean } {
  return { region: name === "aws-global" ? "us-east-1" : name.replace(FIPS, ""), fips: FIPS.test(name) };
}
