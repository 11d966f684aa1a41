import { assertEquals } from "@std/assert";
import { bucketAddress, type EndpointSettings } from "../../../src/client/endpoint.ts";

interface Row {
  readonly what: string;
  readonly settings?: Partial<Omit<EndpointSettings, "endpointUrl">> & { readonly endpointUrl?: string };
  readonly region?: string;
  readonly bucket?: string;
  readonly expected: string;
}

const ROWS: readonly Row[] = [
  { what: "AWS in us-east-1", expected: "https://media.s3.amazonaws.com/" },
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
    what: "a bucket with dots where virtual hosts are asked for",
    settings: { addressingStyle: "virtual" },
    bucket: "my.b",
    expected: "https://my.b.s3.amazonaws.com/",
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

for (const { what, settings = {}, region = "us-east-1", bucket = "media", expected } of ROWS) {
  Deno.test(`bucketAddress finds ${what}`, () => {
    const { endpointUrl, addressingStyle = "auto", useSsl = true } = settings;
    const url = endpointUrl === undefined ? undefined : new URL(endpointUrl);
    const { origin, path } = bucketAddress({ endpointUrl: url, addressingStyle, useSsl }, region, bucket);
    assertEquals(origin + path, expected);
    assertEquals(new URL(origin).origin, origin);
  });
}
