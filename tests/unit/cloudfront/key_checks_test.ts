import { assertEquals, assertThrows } from "@std/assert";
import { checkKeyId, checkKeyText } from "../../../src/cloudfront/key_checks.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";

const pem = (label: string, body = "MIIB"): string => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;

Deno.test("checkKeyText() accepts private keys in PEM, also with other blocks, and keys that are no text", () => {
  for (const label of ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"]) checkKeyText(pem(label));
  checkKeyText(`${pem("EC PARAMETERS")}${pem("EC PRIVATE KEY")}`);
  checkKeyText(pem("PRIVATE KEY").replaceAll("\n", "\\n"));
  for (const key of [new Uint8Array([0x30]), { kty: "RSA" }]) checkKeyText(key);
});

Deno.test("a storage refuses a text that is no private key immediately", () => {
  const wrong: Readonly<Record<string, string>> = {
    "not PEM": "MIIB",
    "a PEM PUBLIC KEY": pem("PUBLIC KEY"),
    "a PEM CERTIFICATE": pem("CERTIFICATE"),
    "a PEM ENCRYPTED PRIVATE KEY": pem("ENCRYPTED PRIVATE KEY"),
    "a PEM OPENSSH PRIVATE KEY": pem("OPENSSH PRIVATE KEY"),
    "a PEM RSA PRIVATE KEY": pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nMIIB"),
  };
  for (const [what, cloudfrontKey] of Object.entries(wrong)) {
    const error = assertThrows(
      () => new S3Storage({ bucketName: "media", customDomain: "d", cloudfrontKeyId: "K1", cloudfrontKey }),
      ConfigurationError,
      `The CloudFront key is ${what}: it must be an unencrypted private key`,
    );
    assertEquals(error.message.includes("MIIB"), false);
  }
});

Deno.test("checkKeyId() refuses a key in its place, and does not show it", () => {
  assertEquals(checkKeyId("K2JCJMDEHXQW5F"), "K2JCJMDEHXQW5F");
  for (const id of ["", "two words", pem("PRIVATE KEY"), undefined, 5]) {
    const error = assertThrows(() => checkKeyId(id), ConfigurationError, "must be an id such as");
    assertEquals(error.message.includes("MIIB"), false);
  }
});
