import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { nearest } from "../../../src/kit/text/closest.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { SETTING_ADVICE } from "../../../src/settings/foreign_names.ts";
import { CLIENT_CONFIG, OPTIONS, type S3StorageOptions, TRANSFER_CONFIG } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";

const NAMES = Object.keys(OPTIONS);

const suggested = (name: string): string[] => nearest(name, NAMES, SETTING_ADVICE.synonyms);

/** Misspellings of a name: each letter missing, doubled, and swapped with the next one, and other ways to write words. */
function misspellings(name: string): Set<string> {
  const wrong = new Set([
    name.toUpperCase(),
    name.toLowerCase(),
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]);
  for (let at = 0; at < name.length; at++) {
    const [before, letter, after] = [name.slice(0, at), name[at]!, name.slice(at + 1)];
    wrong.add(before + after);
    wrong.add(before + letter + letter + after);
    if (after !== "") wrong.add(before + after[0] + letter + after.slice(1));
  }
  wrong.delete(name);
  return wrong;
}

Deno.test("for every misspelling of every option the option itself is suggested", () => {
  let count = 0;
  const failures: string[] = [];
  for (const name of NAMES) {
    for (const wrong of misspellings(name)) {
      if (NAMES.includes(wrong)) continue;
      count++;
      const names = suggested(wrong);
      if (!names.includes(name) || names.length > 2) failures.push(`${wrong}: ${names.join() || "none"}, not ${name}`);
    }
  }
  assert(count > 1000, `${count} misspellings`);
  assertEquals(failures, []);
});

for (
  const [given, meant] of [
    ["forcePathStyle", "addressingStyle"],
    ["s3ForcePathStyle", "addressingStyle"],
    ["virtualHostedStyle", "addressingStyle"],
    ["ACL", "defaultAcl"],
    ["acl", "defaultAcl"],
    ["endpoint", "endpointUrl"],
    ["endpoint_url", "endpointUrl"],
    ["region", "regionName"],
    ["bucket", "bucketName"],
    ["Bucket", "bucketName"],
    ["bucket_name", "bucketName"],
    ["accessKeyId", "accessKey"],
    ["aws_access_key_id", "accessKey"],
    ["access_key", "accessKey"],
    ["secretAccessKey", "secretKey"],
    ["aws_secret_access_key", "secretKey"],
    ["secret", "secretKey"],
    ["sessionToken", "securityToken"],
    ["aws_session_token", "securityToken"],
    ["token", "securityToken"],
    ["profile", "sessionProfile"],
    ["expires", "querystringExpire"],
    ["expire", "querystringExpire"],
    ["expiresIn", "querystringExpire"],
    ["ttl", "querystringExpire"],
    ["querystringExpir", "querystringExpire"],
    ["overwrite", "fileOverwrite"],
    ["file_overwrite", "fileOverwrite"],
    ["prefix", "location"],
    ["queueSize", "transferConfig"],
    ["partSize", "transferConfig"],
    ["maxAttempts", "clientConfig"],
    ["useSSL", "useSsl"],
    ["tls", "useSsl"],
    ["port", "endpointUrl"],
    ["proxy", "proxies"],
    ["cdn", "customDomain"],
    ["custom_domain", "customDomain"],
    ["StorageClass", "objectParameters"],
    ["metadata", "objectParameters"],
    ["object_parameters", "objectParameters"],
    ["rejectUnauthorized", "verify"],
    ["requestHandler", "fetch"],
    ["default_acl", "defaultAcl"],
  ] as const
) {
  Deno.test(`the option ${given} is refused with ${meant} as advice, without the list of options`, () => {
    const options = { bucketName: "b", [given]: "x" } as S3StorageOptions;
    const { message } = assertThrows(
      () => resolveSettings([options], { environment: () => undefined }),
      ConfigurationError,
    );
    assertEquals(message, `Unknown option '${given}'. Did you mean ${meant}?`);
  });
}

Deno.test("a synonym leads to an option, to a setting, or to a member of a configuration", () => {
  const members = [...Object.keys(CLIENT_CONFIG), ...Object.keys(TRANSFER_CONFIG)];
  const known = [...NAMES, ...Object.values(OPTIONS).flatMap(({ names }) => names), ...members];
  const pairs = SETTING_ADVICE.synonyms!.split(" ").map((pair) => pair.split(":"));
  assert(pairs.length > 20);
  for (const [word, names] of pairs) {
    assert(/^[a-z\d]+$/.test(word!), word);
    for (const name of names!.split(",")) assert(known.includes(name), `${word}: ${name}`);
  }
});

for (const variable of ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"]) {
  Deno.test(`the setting ${variable}, which is a variable only, is refused with AWS_S3_CLIENT_CONFIG as advice`, () => {
    const { message } = assertThrows(
      () => S3Storage.fromSettings({ AWS_STORAGE_BUCKET_NAME: "b", [variable]: "3" }),
      ConfigurationError,
    );
    assertEquals(message, `Unknown setting '${variable}'. Did you mean AWS_S3_CLIENT_CONFIG?`);
  });
}
