import { assertThrows } from "@std/assert";
import { createS3Server, type S3ServerOptions } from "../../../src/testing/mod.ts";

Deno.test("createS3Server() refuses unknown and invalid options", () => {
  const cases: [unknown, string][] = [
    [{ bucket: ["media"] }, "Cannot create S3 server: unknown option 'bucket'. Did you mean buckets?"],
    [["media"], "Cannot create S3 server: options must be an object"],
    [{ buckets: "media" }, 'Cannot create S3 server: buckets must be a list of names, got "media"'],
    [{ hostnames: [1] }, "Cannot create S3 server: hostnames must be a list of names, got 1"],
    [{ versioning: ["media"] }, 'Cannot create S3 server: versioning must be a list of names in buckets, got "media"'],
    [{ unconditional: ["Copy"] }, "Cannot create S3 server: unconditional must be a list of operations of this server"],
    [{ credentials: [{ accessKey: "a" }] }, "Cannot create S3 server: credentials must be a list of { accessKeyId"],
    [{ region: 1 }, "Cannot create S3 server: region must be a name, got 1"],
    [{ now: new Date() }, "Cannot create S3 server: now must be a function that returns a Date"],
    [{ now: () => 5 }, "Cannot create S3 server: now must be a function that returns a Date, got 5"],
    [{ cors: "yes" }, 'Cannot create S3 server: cors must be true or false, got "yes"'],
    [{ instantRestore: 1 }, "Cannot create S3 server: instantRestore must be true or false, got 1"],
    [{ minPartSize: "1" }, 'Cannot create S3 server: minPartSize must be an integer, got "1"'],
  ];
  for (const [options, message] of cases) {
    assertThrows(() => createS3Server(options as S3ServerOptions), TypeError, message);
  }
  const message = "Cannot create S3 server: maxCopySize must be an integer of 0 or more, got -1";
  assertThrows(() => createS3Server({ maxCopySize: -1 }), RangeError, message);
});
