import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn, onStage } from "./stage.ts";

/** The response of S3 without permission. */
function denied(request: Request): Response {
  const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
  return new Response(request.method === "HEAD" ? null : body, { status: 403 });
}

/** Simulates a policy that denies some requests. */
function refusing(
  fetch: (request: Request) => Promise<Response>,
  isRefused: (method: string, url: URL) => boolean,
): { fetch: (request: Request) => Promise<Response> } {
  return {
    fetch: (request) =>
      isRefused(request.method, new URL(request.url)) ? Promise.resolve(denied(request)) : fetch(request),
  };
}

Deno.test("check reports each step and deletes its object", async () => {
  await onStage(async ({ storage, s3, run }) => {
    const { code, stdout, stderr } = await run(["check", s3("static")]);
    assertEquals(code, 0, stderr);
    assertEquals(stderr, "Checking s3://media/static at us-east-1 with the access key testkey\n");
    assertEquals(stdout.trimEnd().split("\n"), [
      "✓ list    s3:ListBucket; the folder is empty",
      "✓ write   s3:PutObject",
      "✓ parts   s3:AbortMultipartUpload",
      "✓ read    s3:GetObject",
      "✓ sign    the URL returns the object",
      "✓ delete  s3:DeleteObject",
    ]);
    assertEquals(await namesIn(storage), []);
  });
});

Deno.test("check reports each missing permission, and an object that it could not delete", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    const checked = async (isRefused: (method: string, url: URL) => boolean, ...argv: string[]) => {
      const { code, stdout } = await run(["check", s3(), "--json", ...argv], refusing(fetch, isRefused));
      const { ok, missing, findings } = JSON.parse(stdout);
      assertEquals(ok, code === 0);
      return { code, missing, findings };
    };
    const isListing = (url: URL): boolean => url.searchParams.has("list-type");
    assertEquals((await checked((_, url) => isListing(url))).missing, ["s3:ListBucket"]);
    assertEquals((await checked((method) => method === "PUT")).missing, ["s3:PutObject"]);
    assertEquals((await checked((method, url) => method === "DELETE" && url.search !== "")).missing, [
      "s3:AbortMultipartUpload",
    ]);
    assertEquals((await checked((method, url) => /GET|HEAD/.test(method) && !isListing(url))).missing, [
      "s3:GetObject",
    ]);
    assertEquals(await namesIn(storage), []);

    const kept = await checked((method, url) =>
      method === "DELETE" && url.search === "?x-id=DeleteObject" || method === "DELETE"
    );
    assertEquals(kept.missing, ["s3:AbortMultipartUpload", "s3:DeleteObject"]);
    const [left] = await namesIn(storage);
    assertStringIncludes(kept.findings.at(-1).detail, `the probe remains: s3://media/${left}`);
    await storage.delete(left!);
  });
});

Deno.test("check --read-only writes nothing, and succeeds without write permissions", async () => {
  await onStage(async ({ storage, s3, run, fetch, requests }) => {
    const reading = refusing(fetch, (method) => method !== "GET" && method !== "HEAD");
    const empty = await run(["check", s3(), "--read-only"], reading);
    assertEquals(empty.code, 0, empty.stderr);
    assertEquals(empty.stdout, "✓ list    s3:ListBucket; the folder is empty\n✓ read    s3:GetObject\n");
    await storage.save("a.txt", "hello");
    requests.length = 0;
    const { code, stdout } = await run(["check", s3(), "--read-only"], reading);
    assertEquals(code, 0);
    assertMatch(stdout, /^✓ list .*\n✓ read .*\n✓ sign {4}the URL returns the object\n$/);
    assertEquals(requests.filter((line) => !/^(GET|HEAD) /.test(line)), []);
    const full = await run(["check", s3()], reading);
    assertEquals(full.code, 1);
    assertMatch(full.stdout, /✗ write {3}not allowed: s3:PutObject\n✓ read/);
    assertEquals(
      full.stderr.split("\n").slice(1).join("\n"),
      "error: Missing permissions: s3:PutObject\n  `policy s3://media/` prints a policy that grants them.\n",
    );
    const none = await run(["check", s3(), "--read-only"], refusing(fetch, () => true));
    assertEquals(none.code, 1);
    assertMatch(none.stdout, /✗ list .*\n\? read {4}s3:GetObject; unknown: no object to read\n$/);
  });
});

Deno.test("no command prints credentials of its place", async () => {
  await onStage(async ({ run, fetch }) => {
    const place = "s3://testkey:testsecret@media/a?securityToken=tokensecret";
    const commands = [["check"], ["check", "--json"], ["ls"], ["rm"], ["rm", "-r", "--yes"], ["policy"], [
      "cp",
      "-r",
      "-v",
      "./nope",
    ]];
    for (const [command, ...rest] of commands) {
      for (const io of [{ fetch }, refusing(fetch, () => true)]) {
        const { stdout, stderr } = await run([command!, ...rest, place], io);
        assertEquals(/testsecret|tokensecret/.test(stdout + stderr), false, `${command}: ${stdout}${stderr}`);
      }
    }
    for (
      const argv of [
        ["ls", "a", place],
        ["ls", place.replace("s3:", "gs:")],
        ["ls", place.replace("//", "/")],
        ["check", place.replace("s3:", "x:")],
        ["collect", ".", "--to", place.replace("s3:", "gs:")],
        ["collect", place],
        ["rm", place.replace("s3:", "S4:")],
        ["url", place, "--expires-in", place],
      ]
    ) {
      const { code, stdout, stderr } = await run(argv, { fetch });
      assertEquals(
        [code, /testsecret|tokensecret/.test(stdout + stderr)],
        [2, false],
        `${argv[0]}: ${stdout}${stderr}`,
      );
    }
  });
});

Deno.test("check fails with the cause if the bucket, the keys or the network are wrong", async () => {
  await onStage(async ({ s3, run }) => {
    const bucket = await run(["check", "s3://testkey:testsecret@nobucket/"]);
    assertEquals(bucket.code, 1);
    assertStringIncludes(bucket.stderr, "nobucket");
    const key = await run(["check", "s3://testkey:wrong@media/"]);
    assertEquals([key.code, key.stdout], [1, ""]);
    assertStringIncludes(key.stderr, "error: ");
    const network = await run(["check", s3("", "?clientConfig=%7B%22maxAttempts%22:1%7D")], {
      fetch: () => Promise.reject(new TypeError("no route")),
    });
    assertEquals(network.code, 1);
    assertStringIncludes(network.stderr, "Check the endpoint, the region and the network.");
  });
});

Deno.test("policy prints the minimal policy for the settings", async () => {
  await onStage(async ({ run }) => {
    const policy = async (...argv: string[]) => {
      const { code, stdout, stderr } = await run(["policy", ...argv]);
      assertEquals([code, stderr], [0, ""]);
      const { Version, Statement } = JSON.parse(stdout);
      assertEquals(Version, "2012-10-17");
      return Statement;
    };
    assertEquals(await policy("s3://media"), [
      { Sid: "List", Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::media"] },
      { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::media/*"] },
      {
        Sid: "Write",
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"],
        Resource: ["arn:aws:s3:::media/*"],
      },
      { Sid: "Delete", Effect: "Allow", Action: ["s3:DeleteObject"], Resource: ["arn:aws:s3:::media/*"] },
    ]);
    const principal = "arn:aws:iam::123456789012:role/web";
    assertEquals(await policy("s3://media/st*tic?region=cn-north-1", "--read-only", "--principal", principal), [
      {
        Sid: "List",
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: ["s3:ListBucket"],
        Resource: ["arn:aws-cn:s3:::media"],
        Condition: { StringLike: { "s3:prefix": ["st${*}tic/", "st${*}tic/*"] } },
      },
      {
        Sid: "Read",
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: ["s3:GetObject"],
        Resource: ["arn:aws-cn:s3:::media/st${*}tic/*"],
      },
    ]);
    const parameters = {
      ServerSideEncryption: "aws:kms",
      SSEKMSKeyId: "1234",
      Tagging: "a=b",
      ObjectLockMode: "GOVERNANCE",
    };
    const query = `?acl=public-read&objectParameters=${encodeURIComponent(JSON.stringify(parameters))}`;
    const [write, encrypt, invalidate] = await policy(`s3://media${query}`, "--for", "write", "--invalidate", "E123");
    assertEquals(write.Action.slice(3), ["s3:PutObjectAcl", "s3:PutObjectTagging", "s3:PutObjectRetention"]);
    assertEquals(encrypt.Action, ["kms:GenerateDataKey", "kms:Decrypt"]);
    assertEquals(encrypt.Resource, ["arn:aws:kms:us-east-1:*:key/1234"]);
    assertEquals(invalidate.Resource, ["arn:aws:cloudfront::*:distribution/E123"]);
    const point = "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine";
    const [list, read] = await policy(`s3://${point}`, "--read-only");
    assertEquals([list.Resource, read.Resource], [[point], [`${point}/object/*`]]);
    assertEquals((await run(["policy", "s3://media", "--for", "everything"])).code, 2);
  });
});

Deno.test("check deletes its object if it is interrupted while writing", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    const stop = new AbortController();
    const stopping = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      if (request.method === "PUT") stop.abort(new Error("stopped"));
      request.signal.throwIfAborted();
      return response;
    };
    const { code, stderr } = await run(["check", s3()], { fetch: stopping, signal: stop.signal });
    assertEquals(code, 130);
    assertMatch(stderr, /\nStopped\. No partial files were stored: run the command again to continue\.\n$/);
    assertEquals(await namesIn(storage), []);
  });
});

Deno.test("check reports a multipart upload that it could not abort", async () => {
  await onStage(async ({ s3, run, fetch }) => {
    const denying = refusing(fetch, (method, url) => method === "DELETE" && url.searchParams.has("uploadId"));
    const { code, stdout } = await run(["check", s3()], denying);
    assertEquals(code, 1);
    assertMatch(
      stdout,
      /✗ parts {3}not allowed: s3:AbortMultipartUpload; an empty multipart upload remains: \S+\n/,
    );
    const beginning = refusing(fetch, (method, url) => method === "POST" && url.searchParams.has("uploads"));
    assertMatch((await run(["check", s3()], beginning)).stdout, /✗ parts {3}not allowed: s3:PutObject\n/);
  });
});

Deno.test("check --json prints the findings so far if it fails", async () => {
  await onStage(async ({ s3, run, fetch }) => {
    const breaking = (request: Request): Promise<Response> =>
      request.method === "GET" && !request.url.includes("list-type")
        ? Promise.reject(new TypeError(`no route to ${request.url}`))
        : fetch(request);
    const once = "?clientConfig=%7B%22maxAttempts%22:1%7D";
    const failed = await run(["check", s3("", once), "--json"], { fetch: breaking });
    const { ok, error, findings } = JSON.parse(failed.stdout);
    assertEquals([failed.code, ok], [1, false]);
    assertStringIncludes(error, "Check the endpoint, the region and the network.");
    const steps = findings.map(({ step }: { step: string }) => step);
    assertEquals(steps, ["list", "write", "parts", "delete"]);
  });
});

Deno.test("check prints no signature of a URL that cannot be reached", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    await storage.save("a.txt", "x");
    const unreachable = (request: Request): Promise<Response> =>
      request.url.includes("X-Amz-Signature")
        ? Promise.reject(new TypeError(`error sending request for url (${request.url}): \x1b[2Jconnection refused`))
        : fetch(request);
    for (const argv of [["check", "--read-only"], ["check", "--read-only", "--json"]]) {
      const { code, stdout, stderr } = await run([...argv, s3()], { fetch: unreachable });
      assertEquals(code, 1, stderr);
      assertStringIncludes(stdout, "connection refused");
      assert(!/Signature=[0-9a-f]/.test(stdout + stderr) && !stdout.includes("\x1b"), stdout);
    }
  });
});

Deno.test("policy and url refuse options that cannot be combined", async () => {
  await onStage(async ({ s3, run }) => {
    for (
      const [argv, message] of [
        [["policy", s3(), "--for", ","], "--for must not be empty"],
        [["policy", s3(), "--read-only", "--for", "list"], "--read-only cannot be combined with --for"],
        [["policy", s3(), "--principal", "a", "--invalidate", "b"], "--principal cannot be combined with --invalidate"],
        [["url", s3("a"), "--expires-in", "8d"], "--expires-in must be an integer from 1 to 604800"],
        [["url", s3("a"), "--expires-in", "0"], "--expires-in must be an integer from 1 to 604800"],
        [["url", s3("a"), "--unsigned", "--expires-in", "1h"], "--expires-in cannot be used with an unsigned URL"],
        [["url", s3("a"), "--unsigned", "--download", "x"], "--download cannot be used with an unsigned URL"],
        [["url", s3("a"), "--unsigned", "-m", "PUT"], "--method PUT cannot be used with an unsigned URL"],
        [["url", s3("a", "?querystringAuth=false"), "-e", "1h"], "--expires-in cannot be used with an unsigned URL"],
        [
          ["url", s3("a", "?customDomain=cdn.example.com"), "-m", "PUT"],
          "--method PUT cannot be used with an unsigned URL",
        ],
        [
          ["policy", `s3://arn:aws:s3-object-lambda:us-east-1:${"1".repeat(12)}:accesspoint/a`],
          "got an ARN of s3-object-lambda",
        ],
        [
          ["url", s3("a"), "-m", "DELETE", "--content-type", "a/b"],
          "--content-type cannot be used with --method DELETE",
        ],
        [["url", s3("a"), "-m", "HEAD", "--download", "x"], "--download can only be used with --method GET"],
      ] as const
    ) {
      const { code, stdout, stderr } = await run(argv);
      assertEquals([code, stdout], [2, ""], stderr);
      assertStringIncludes(stderr, message);
    }
    const parameters = encodeURIComponent(JSON.stringify({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: "1234" }));
    const ofBucket = await run([
      "policy",
      s3("", `?objectParameters=${parameters}`),
      "--principal",
      "arn:aws:iam::1:user/a",
    ]);
    assertEquals(ofBucket.stdout.includes("kms:"), false);
    assertStringIncludes(ofBucket.stderr, "warning: bucket policies cannot grant KMS permissions");
    for (
      const [region, partition] of [
        ["us-gov-west-1", "aws-us-gov"],
        ["us-iso-east-1", "aws-iso"],
        ["us-isob-east-1", "aws-iso-b"],
        ["eusc-de-east-1", "aws-eusc"],
        ["eu-west-1", "aws"],
      ]
    ) {
      const { stdout } = await run(["policy", `s3://my.own.bucket/a?region=${region}`, "--for", "delete"]);
      assertEquals(JSON.parse(stdout).Statement[0].Resource, [`arn:${partition}:s3:::my.own.bucket/a/*`]);
    }
  });
});

Deno.test("check uses random names, and does not delete an object that another program wrote there", async () => {
  await onStage(async ({ storage, s3, run, fetch }) => {
    const names = new Set<string>();
    let replaces = false;
    const watching = async (request: Request): Promise<Response> => {
      const response = await fetch(request);
      const name = /storages-check-[^?]+/.exec(request.url)?.[0];
      if (request.method !== "PUT" || name === undefined) return response;
      names.add(name);
      if (replaces) await storage.save(name, "by another", { onExisting: "replace" });
      return response;
    };
    await storage.save("a.txt", "x");
    for (let round = 0; round < 3; round++) assertEquals((await run(["check", s3()], { fetch: watching })).code, 0);
    assertEquals([names.size, await namesIn(storage)], [3, ["a.txt"]]);
    replaces = true;
    const { code, stdout } = await run(["check", s3()], { fetch: watching });
    assertEquals(code, 1);
    assertStringIncludes(stdout, "the bytes read are not the bytes written");
    assertMatch(stdout, /\? delete {2}s3:DeleteObject; skipped: \S+ has bytes that this check did not write\n/);
    assertEquals((await namesIn(storage)).length, 2);
  });
});

Deno.test("check compares the bytes of its object also with compression", async () => {
  await onStage(async ({ storage, s3, run }) => {
    const { code, stdout } = await run(["check", s3("", "?gzip=true&gzipContentTypes=%5B%22text/plain%22%5D")]);
    assertEquals(code, 0, stdout);
    assertEquals(await namesIn(storage), []);
  });
});
