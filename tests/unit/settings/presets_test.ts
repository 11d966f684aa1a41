import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { S3Storage } from "../../../mod.ts";
import * as presets from "../../../src/settings/presets/mod.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef";

/** Each preset with the URL of a file, and the region it is signed for. */
const PRESETS: readonly (readonly [preset: presets.Preset, url: string, region: string])[] = [
  [presets.r2({ accountId: ACCOUNT }), `https://${ACCOUNT}.r2.cloudflarestorage.com/media/a.txt`, "auto"],
  ...(["eu", "fedramp", "us"] as const).map((jurisdiction) =>
    [
      presets.r2({ accountId: ACCOUNT, jurisdiction }),
      `https://${ACCOUNT}.${jurisdiction}.r2.cloudflarestorage.com/media/a.txt`,
      "auto",
    ] as const
  ),
  [presets.gcs(), "https://storage.googleapis.com/media/a.txt", "auto"],
  [presets.b2({ region: "us-west-004" }), "https://s3.us-west-004.backblazeb2.com/media/a.txt", "us-west-004"],
  [presets.wasabi({ region: "eu-central-1" }), "https://s3.eu-central-1.wasabisys.com/media/a.txt", "eu-central-1"],
  [presets.digitalOcean({ region: "nyc3" }), "https://media.nyc3.digitaloceanspaces.com/a.txt", "nyc3"],
  [presets.tigris(), "https://media.t3.storage.dev/a.txt", "auto"],
  [presets.minio({ endpointUrl: "http://localhost:9000" }), "http://localhost:9000/media/a.txt", "us-east-1"],
  [
    presets.minio({ endpointUrl: "http://localhost:9000", regionName: "here" }),
    "http://localhost:9000/media/a.txt",
    "here",
  ],
  [presets.ceph({ endpointUrl: "https://rgw.example.com/" }), "https://rgw.example.com/media/a.txt", "us-east-1"],
];

for (const [preset, expected, region] of PRESETS) {
  Deno.test(`the preset of ${preset.endpointUrl} reaches a file at ${expected}, signed for ${region}`, async () => {
    const storage = new S3Storage({ bucketName: "media", accessKey: "id", secretKey: "secret", ...preset });
    const url = new URL(await storage.url("a.txt"));
    assertEquals(url.origin + url.pathname, expected);
    assertEquals(url.searchParams.get("X-Amz-Credential")?.split("/")[2], region);
    assertEquals(JSON.parse(JSON.stringify(preset)), preset);
  });
}

for (
  const [what, make, says] of [
    ["no account", () => presets.r2({} as { accountId: string }), "accountId must be 32 hexadecimal digits"],
    ["an account that is a host", () => presets.r2({ accountId: "evil.example/" }), "accountId"],
    [
      "a jurisdiction there is none of",
      () => presets.r2({ accountId: ACCOUNT, jurisdiction: "mars" as "eu" }),
      'jurisdiction must be one of eu, fedramp, us, got "mars"',
    ],
    ["no region", () => presets.b2({} as { region: string }), "region must be"],
    ["an empty region", () => presets.b2({ region: "" }), 'got ""'],
    ["a region that is a host", () => presets.wasabi({ region: "evil.example/" }), "region must be"],
    ["a region in capitals", () => presets.digitalOcean({ region: "NYC3" }), '"NYC3"'],
    ["no URL", () => presets.minio({} as { endpointUrl: string }), "endpointUrl must be an http or https URL"],
    ["a URL without a scheme", () => presets.minio({ endpointUrl: "localhost:9000" }), "an http or https URL"],
    ["a URL with a user", () => presets.ceph({ endpointUrl: "http://a:b@h" }), "without a user"],
    [
      "a region with a space",
      () => presets.ceph({ endpointUrl: "http://h", regionName: "a b" }),
      "regionName must be a region name",
    ],
  ] as const
) {
  Deno.test(`a preset refuses ${what}`, () => {
    assertStringIncludes(assertThrows(make, TypeError).message, says);
  });
}
