/**
 * The addresses of buckets in botocore and in this package. The rows of tests/vectors/endpoints.json are written by
 * tests/vectors/endpoints.py: what get_object of botocore 1.43.11 is about to send, over regions, styles, dual-stack,
 * FIPS, acceleration, endpoints and kinds of buckets.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type BucketAddress, bucketAddress, type EndpointSettings } from "../../../src/client/endpoint.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { checkBucketName } from "../../../src/settings/checks.ts";

interface Row extends Omit<Partial<EndpointSettings>, "endpointUrl"> {
  readonly region: string;
  readonly bucket: string;
  readonly endpointUrl?: string;
  /** The URL that botocore sends to, for the key `k`. */
  readonly url?: string;
  /** Region and service. */
  readonly signed?: string;
  readonly error?: string;
}

const { rows }: { rows: Row[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../vectors/endpoints.json", import.meta.url)),
);

/** Differences and their reasons. `ours` is the URL, or undefined where this package throws. */
const DIFFERENCES: readonly {
  readonly why: string;
  readonly is: (row: Row) => boolean;
  readonly ours?: string;
}[] = [
  {
    why:
      "botocore puts a bucket in the path if it is not valid in a virtual host; addressingStyle virtual is an error here",
    is: (row) => row.addressingStyle === "virtual" && /^(my\.b|Media|my_b)$/.test(row.bucket) && !row.endpointUrl,
  },
  {
    why: "a custom endpoint may have a certificate for a bucket with dots; botocore uses the path",
    is: (row) =>
      row.addressingStyle === "virtual" && row.bucket === "my.b" && row.endpointUrl?.startsWith("https") === true,
    ours: "https://my.b.s3.example.com/k",
  },
  {
    why: "botocore silently ignores the path style for acceleration",
    is: (row) => row.useAccelerateEndpoint === true && row.addressingStyle === "path",
  },
  {
    why: "botocore creates an undocumented host for aws-global, acceleration and dual-stack",
    is: (row) => row.region === "aws-global" && row.useAccelerateEndpoint === true && row.useDualstackEndpoint === true,
    ours: "https://media.s3-accelerate.dualstack.amazonaws.com/k",
  },
  {
    why: "botocore silently ignores dual-stack and FIPS at an endpoint; its rule set and other SDKs refuse",
    is: (row) => row.endpointUrl !== undefined && (row.useDualstackEndpoint === true || row.useFipsEndpoint === true),
  },
  {
    why: "the bucket is not added to an endpoint that has it in its host",
    is: (row) => row.endpointUrl === "https://media.nyc3.digitaloceanspaces.com",
    ours: "https://media.nyc3.digitaloceanspaces.com/k",
  },
  {
    why: "an endpoint that holds the bucket in its path is not given it again",
    is: (row) => row.endpointUrl === "https://s3.example.com/media",
    ours: "https://s3.example.com/media/k",
  },
  {
    why: "Multi-Region Access Points take SigV4a, which we do not make; botocore needs an extension for it",
    is: (row) => row.bucket.endsWith(".mrap"),
  },
  {
    why: "an ARN says its region, whatever the partition of the configured one, which may be just the default",
    is: (row) => row.bucket.startsWith("arn:aws-cn:") && row.region === "us-east-1",
    ours: "https://reports-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn/k",
  },
  { why: "directory buckets need CreateSession", is: (row) => row.bucket.endsWith("--x-s3") },
];

function settingsOf(row: Row): EndpointSettings {
  const endpointUrl = row.endpointUrl === undefined ? undefined : new URL(row.endpointUrl);
  return { addressingStyle: "auto", useSsl: true, ...row, endpointUrl };
}

function differenceOf(row: Row): (typeof DIFFERENCES)[number] | undefined {
  return DIFFERENCES.find(({ is }) => is(row));
}

for (const [index, row] of rows.entries()) {
  const { url, signed, error: _, ...given } = row;
  Deno.test(`bucketAddress() agrees with botocore, row ${index + 1}: ${JSON.stringify(given)}`, () => {
    const difference = differenceOf(row);
    const expected = difference === undefined ? url : difference.ours;
    const find = (): BucketAddress => {
      checkBucketName(row.bucket);
      return bucketAddress(settingsOf(row), row.region, row.bucket);
    };
    if (expected === undefined) {
      assertThrows(find, ConfigurationError);
      return;
    }
    const { origin, path, region, service } = find();
    assertEquals(`${origin}${path}k`, expected);
    if (signed !== undefined) assertEquals(`${region}/${service}`, signed);
  });
}

Deno.test("every listed difference from botocore affects a row, and the list is short", () => {
  for (const difference of DIFFERENCES) {
    assert(rows.some((row) => differenceOf(row) === difference && row.url !== difference.ours), difference.why);
  }
  assert(rows.filter((row) => differenceOf(row) === undefined).length > 120);
});
