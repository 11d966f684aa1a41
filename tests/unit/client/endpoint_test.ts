import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { bucketAddress, checkAddress, type EndpointSettings } from "../../../src/client/endpoint.ts";
import { ConfigurationError } from "../../../src/errors.ts";

interface Row {
  readonly what: string;
  readonly settings?: Partial<Omit<EndpointSettings, "endpointUrl">> & { readonly endpointUrl?: string };
  readonly region?: string;
  readonly bucket?: string;
  readonly expected: string;
}

const ROWS: readonly Row[] = [
  { what: "AWS in us-east-1", expected: "https://media.s3.amazonaws.com/" },
  {
    what: "AWS in us-east-1 by its regional host",
    settings: { usEast1RegionalEndpoint: "regional" },
    expected: "https://media.s3.us-east-1.amazonaws.com/",
  },
  {
    what: "AWS in us-east-1 by its regional host and by path",
    settings: { usEast1RegionalEndpoint: "regional", addressingStyle: "path" },
    expected: "https://s3.us-east-1.amazonaws.com/media/",
  },
  {
    what: "AWS elsewhere, whatever the host of us-east-1",
    settings: { usEast1RegionalEndpoint: "regional" },
    region: "eu-west-1",
    expected: "https://media.s3.eu-west-1.amazonaws.com/",
  },
  {
    what: "AWS by dual-stack, whatever the host of us-east-1",
    settings: { useDualstackEndpoint: true, usEast1RegionalEndpoint: "legacy" },
    expected: "https://media.s3.dualstack.us-east-1.amazonaws.com/",
  },
  { what: "AWS elsewhere", region: "eu-west-1", expected: "https://media.s3.eu-west-1.amazonaws.com/" },
  { what: "AWS in China", region: "cn-north-1", expected: "https://media.s3.cn-north-1.amazonaws.com.cn/" },
  { what: "AWS for governments", region: "us-gov-west-1", expected: "https://media.s3.us-gov-west-1.amazonaws.com/" },
  { what: "AWS by http", settings: { useSsl: false }, expected: "http://media.s3.amazonaws.com/" },
  { what: "AWS by path", settings: { addressingStyle: "path" }, expected: "https://s3.amazonaws.com/media/" },
  {
    what: "AWS elsewhere by path",
    settings: { addressingStyle: "path" },
    region: "eu-west-1",
    expected: "https://s3.eu-west-1.amazonaws.com/media/",
  },
  {
    what: "a bucket with dots, which no certificate holds for",
    bucket: "my.b",
    expected: "https://s3.amazonaws.com/my.b/",
  },
  { what: "a bucket with capitals", bucket: "Media", expected: "https://s3.amazonaws.com/Media/" },
  { what: "a bucket with an underscore", bucket: "my_b", expected: "https://s3.amazonaws.com/my_b/" },
  { what: "a bucket of two letters", bucket: "ab", expected: "https://s3.amazonaws.com/ab/" },
  { what: "a bucket of 64 letters", bucket: "a".repeat(64), expected: `https://s3.amazonaws.com/${"a".repeat(64)}/` },
  { what: "a bucket of 63 letters", bucket: "a".repeat(63), expected: `https://${"a".repeat(63)}.s3.amazonaws.com/` },
  {
    what: "a bucket with dots where virtual hosts are asked for without certificates",
    settings: { addressingStyle: "virtual", useSsl: false },
    bucket: "my.b",
    expected: "http://my.b.s3.amazonaws.com/",
  },
  { what: "an endpoint", settings: { endpointUrl: "http://localhost:9000" }, expected: "http://localhost:9000/media/" },
  {
    what: "an endpoint, whose scheme comes before useSsl",
    settings: { endpointUrl: "http://localhost:9000", useSsl: true },
    region: "eu-west-1",
    expected: "http://localhost:9000/media/",
  },
  {
    what: "an endpoint with virtual hosts",
    settings: { endpointUrl: "https://nyc3.example.com", addressingStyle: "virtual" },
    expected: "https://media.nyc3.example.com/",
  },
  {
    what: "an endpoint with virtual hosts and a port",
    settings: { endpointUrl: "http://localhost:9000", addressingStyle: "virtual" },
    expected: "http://media.localhost:9000/",
  },
  {
    what: "an IPv4 address, which has no virtual hosts",
    settings: { endpointUrl: "http://127.0.0.1:9000", addressingStyle: "virtual" },
    expected: "http://127.0.0.1:9000/media/",
  },
  {
    what: "an IPv6 address, which has no virtual hosts",
    settings: { endpointUrl: "https://[::1]/s3", addressingStyle: "virtual" },
    expected: "https://[::1]/s3/media/",
  },
  {
    what: "a bucket that cannot be a host, at an IP address",
    settings: { endpointUrl: "http://10.0.0.7", addressingStyle: "virtual" },
    bucket: "My_b",
    expected: "http://10.0.0.7/My_b/",
  },
  { what: "an endpoint's own port", settings: { endpointUrl: "https://h:443" }, expected: "https://h/media/" },
  { what: "an IPv6 endpoint", settings: { endpointUrl: "http://[::1]:9000" }, expected: "http://[::1]:9000/media/" },
  { what: "an endpoint with a path", settings: { endpointUrl: "https://h/s3" }, expected: "https://h/s3/media/" },
  {
    what: "an endpoint with a path and a slash",
    settings: { endpointUrl: "https://h/s3/" },
    expected: "https://h/s3/media/",
  },
  {
    what: "an endpoint with a path and virtual hosts",
    settings: { endpointUrl: "https://h/s3", addressingStyle: "virtual" },
    expected: "https://media.h/s3/",
  },
  {
    what: "a bucket that has to be encoded",
    settings: { endpointUrl: "https://h" },
    bucket: "t:日",
    expected: "https://h/t%3A%E6%97%A5/",
  },
];

/** Endpoints that contain the bucket, as in issues 763, 1328 and 1349 of django-storages, and some that only seem to. */
const HELD: readonly Row[] = [
  {
    what: "a bucket in AWS's host",
    settings: { endpointUrl: "https://media.s3.eu-west-1.amazonaws.com" },
    expected: "https://media.s3.eu-west-1.amazonaws.com/",
  },
  {
    what: "a bucket in a provider's host",
    settings: { endpointUrl: "https://media.nyc3.digitaloceanspaces.com/" },
    expected: "https://media.nyc3.digitaloceanspaces.com/",
  },
  {
    what: "a bucket in a host where virtual hosts are asked for",
    settings: { endpointUrl: "https://media.nyc3.digitaloceanspaces.com", addressingStyle: "virtual" },
    expected: "https://media.nyc3.digitaloceanspaces.com/",
  },
  {
    what: "a bucket with dots in a host",
    settings: { endpointUrl: "http://my.b.s3.amazonaws.com" },
    bucket: "my.b",
    expected: "http://my.b.s3.amazonaws.com/",
  },
  {
    what: "a bucket in the path",
    settings: { endpointUrl: "https://s3.example.com/media" },
    expected: "https://s3.example.com/media/",
  },
  {
    what: "a bucket at the end of a longer path",
    settings: { endpointUrl: "https://h/s3/media/", addressingStyle: "path" },
    expected: "https://h/s3/media/",
  },
  {
    what: "a bucket in the path in its encoded form",
    settings: { endpointUrl: "https://h/t%3A1" },
    bucket: "t:1",
    expected: "https://h/t%3A1/",
  },
  {
    what: "a host of the bucket's name, where paths are asked for",
    settings: { endpointUrl: "https://media.s3.example.com", addressingStyle: "path" },
    expected: "https://media.s3.example.com/media/",
  },
  {
    what: "a server that happens to have the bucket's name",
    settings: { endpointUrl: "https://media.example.com" },
    expected: "https://media.example.com/media/",
  },
  {
    what: "a service of Kubernetes with the bucket's name",
    settings: { endpointUrl: "http://minio.minio.svc:9000" },
    bucket: "minio",
    expected: "http://minio.minio.svc:9000/minio/",
  },
  {
    what: "a service of Kubernetes with the bucket's name, by its long name",
    settings: { endpointUrl: "http://minio.minio.svc.cluster.local:9000" },
    bucket: "minio",
    expected: "http://minio.minio.svc.cluster.local:9000/minio/",
  },
  {
    what: "a service of Kubernetes with the bucket's name, in a namespace called s3",
    settings: { endpointUrl: "http://minio.s3.svc.cluster.local" },
    bucket: "minio",
    expected: "http://minio.s3.svc.cluster.local/minio/",
  },
  {
    what: "a server with the bucket's name on a domain with many labels",
    settings: { endpointUrl: "https://storage.prod.example.co.uk" },
    bucket: "storage",
    expected: "https://storage.prod.example.co.uk/storage/",
  },
  {
    what: "a server with the bucket's name where virtual hosts are asked for",
    settings: { endpointUrl: "https://minio.minio.svc.cluster.local", addressingStyle: "virtual" },
    bucket: "minio",
    expected: "https://minio.minio.minio.svc.cluster.local/",
  },
  ...["s3", "us-west-004"].map((bucket) => ({
    what: `a bucket called ${bucket} at a provider whose host has that label`,
    settings: { endpointUrl: "https://s3.us-west-004.backblazeb2.com" },
    bucket,
    expected: `https://s3.us-west-004.backblazeb2.com/${bucket}/`,
  })),
  ...[
    "nyc3.digitaloceanspaces.com",
    "us-east-1.linodeobjects.com",
    "ewr1.vultrobjects.com",
    "fsn1.your-objectstorage.com",
    `${"0123456789abcdef".repeat(2)}.r2.cloudflarestorage.com`,
    `${"0123456789abcdef".repeat(2)}.eu.r2.cloudflarestorage.com`,
    "s3.us-west-004.backblazeb2.com",
    "s3.eu-central-1.wasabisys.com",
    "s3-eu-central-1.ionoscloud.com",
    "storage.googleapis.com",
    "storage.yandexcloud.net",
    "t3.storage.dev",
    "fly.storage.tigris.dev",
    "oss-cn-hangzhou.aliyuncs.com",
    "cos.ap-guangzhou.myqcloud.com",
    "s3.example.com",
  ].map((host) => ({
    what: `a bucket in front of ${host}`,
    settings: { endpointUrl: `https://media.${host}` },
    expected: `https://media.${host}/`,
  })),
  ...["nyc3.digitaloceanspaces.com", "storage.googleapis.com", "t3.storage.dev", "fly.storage.tigris.dev"].map((
    host,
  ) => ({
    what: `a bucket that has the name of the first label of ${host}`,
    settings: { endpointUrl: `https://${host}` },
    bucket: host.split(".")[0]!,
    expected: `https://${host}/${host.split(".")[0]}/`,
  })),
  {
    what: "a host that only begins like the bucket",
    settings: { endpointUrl: "https://media2.nyc3.digitaloceanspaces.com" },
    expected: "https://media2.nyc3.digitaloceanspaces.com/media/",
  },
  {
    what: "a path that only ends like the bucket",
    settings: { endpointUrl: "https://h/multimedia" },
    expected: "https://h/multimedia/media/",
  },
  {
    what: "a bucket in the path where virtual hosts are asked for: then it is a folder",
    settings: { endpointUrl: "https://h.example/media", addressingStyle: "virtual" },
    expected: "https://media.h.example/media/",
  },
];

for (const { what, settings = {}, region = "us-east-1", bucket = "media", expected } of [...ROWS, ...HELD]) {
  Deno.test(`bucketAddress() finds ${what}`, () => {
    const { origin, path } = bucketAddress(settingsOf(settings), region, bucket);
    assertEquals(origin + path, expected);
    assertEquals(new URL(origin).origin, origin);
  });
}

function settingsOf({ endpointUrl, ...settings }: NonNullable<Row["settings"]>): EndpointSettings {
  const url = endpointUrl === undefined ? undefined : new URL(endpointUrl);
  return { addressingStyle: "auto", useSsl: true, ...settings, endpointUrl: url };
}

interface Refused {
  readonly what: string;
  readonly settings?: NonNullable<Row["settings"]>;
  readonly region?: string;
  readonly bucket?: string;
  readonly says: string;
}

const ACCESS_POINT = "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports";
const LAMBDA = "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/reports";
const OUTPOST = "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/reports";
const AT = { endpointUrl: "https://h.example" };

const REFUSED: readonly Refused[] = [
  { what: "a name of capitals as a host", settings: { addressingStyle: "virtual" }, bucket: "Media", says: '"Media"' },
  {
    what: "a name with an underscore as a host",
    settings: { addressingStyle: "virtual" },
    bucket: "a_b",
    says: '"a_b"',
  },
  { what: "a name with dots under https", settings: { addressingStyle: "virtual" }, bucket: "my.b", says: '"my.b"' },
  {
    what: "capitals as a host of an endpoint",
    settings: { ...AT, addressingStyle: "virtual" },
    bucket: "A",
    says: '"A"',
  },
  { what: "an empty label", settings: { ...AT, addressingStyle: "virtual" }, bucket: "a..b", says: '"a..b"' },
  { what: "dual-stack at an endpoint", settings: { ...AT, useDualstackEndpoint: true }, says: "useDualstackEndpoint" },
  { what: "FIPS at an endpoint", settings: { ...AT, useFipsEndpoint: true }, says: "useFipsEndpoint" },
  {
    what: "acceleration at an endpoint",
    settings: { ...AT, useAccelerateEndpoint: true },
    says: "cannot be combined with endpointUrl",
  },
  { what: "acceleration of dots", settings: { useAccelerateEndpoint: true }, bucket: "my.b", says: '"my.b"' },
  {
    what: "acceleration in paths",
    settings: { useAccelerateEndpoint: true, addressingStyle: "path" },
    says: 'addressingStyle "path"',
  },
  { what: "acceleration by FIPS", settings: { useAccelerateEndpoint: true, useFipsEndpoint: true }, says: "FIPS" },
  {
    what: "acceleration in China",
    settings: { useAccelerateEndpoint: true },
    region: "cn-north-1",
    says: "cn-north-1",
  },
  {
    what: "acceleration of an access point",
    settings: { useAccelerateEndpoint: true },
    bucket: ACCESS_POINT,
    says: "no",
  },
  {
    what: "FIPS in China",
    settings: { useFipsEndpoint: true },
    region: "cn-north-1",
    says: "China has no FIPS hosts",
  },
  { what: "dual-stack of Object Lambda", settings: { useDualstackEndpoint: true }, bucket: LAMBDA, says: "Dualstack" },
  { what: "FIPS on Outposts", settings: { useFipsEndpoint: true }, bucket: OUTPOST, says: "useFipsEndpoint" },
  { what: "dual-stack on Outposts", settings: { useDualstackEndpoint: true }, bucket: OUTPOST, says: "Dualstack" },
  { what: "a region with dots", region: "a.b", says: 'regionName "a.b" is not a valid region name' },
  { what: "a region with an underscore", region: "a_b", says: '"a_b"' },
  { what: "no region", region: "", says: '""' },
  { what: "a directory bucket", bucket: "media--usw2-az1--x-s3", says: "S3 Express, which requires sessions" },
  { what: "a directory bucket's access point", bucket: "media--usw2-az1--xa-s3", says: "CreateSession" },
  ...["https://h.example", "https://s3express-use1-az4.us-east-1.amazonaws.com", "http://localhost:9000"].map((
    url,
  ) => ({
    what: `a directory bucket at ${url}`,
    settings: { endpointUrl: url },
    bucket: "media--use1-az4--x-s3",
    says: 'Cannot use bucket "media--use1-az4--x-s3": it is a directory bucket of S3 Express, which requires sessions',
  })),
  { what: "an alias on Outposts", bucket: "name-o01ac5d28a6a232904e8xz5w8ijx1qzlbp3i3kuse10--op-s3", says: "ARN" },
];

for (const { what, settings = {}, region = "us-east-1", bucket = "media", says } of REFUSED) {
  Deno.test(`bucketAddress() refuses ${what} and says why`, () => {
    const { message } = assertThrows(() => bucketAddress(settingsOf(settings), region, bucket), ConfigurationError);
    assertStringIncludes(message, says);
  });
}

Deno.test("bucketAddress() accepts other names that AWS reserves at other endpoints", () => {
  const { origin, path } = bucketAddress(settingsOf(AT), "us-east-1", "media--op-s3");
  assertEquals(origin + path, "https://h.example/media--op-s3/");
});

Deno.test("checkAddress() accepts valid addresses and refuses others", () => {
  const settings = { ...settingsOf(AT), regionName: "any_region", bucketName: "media" };
  checkAddress(settings);
  assertThrows(
    () => checkAddress({ ...settings, regionName: "a b" }),
    ConfigurationError,
    'regionName "a b" is not a valid region name',
  );
  assertThrows(() => checkAddress({ ...settingsOf({}), regionName: "", bucketName: "media" }), ConfigurationError);
});
