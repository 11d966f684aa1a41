/** What wrong programs tell at run time: which option is wrong, and what is right. */
import { assert } from "@std/assert";
import { S3Storage } from "@storages/s3";
import { CloudFrontSigner } from "@storages/s3/cloudfront";
import { fileField } from "@storages/s3/field";
import { Presigner } from "@storages/s3/signing";
import { MemoryStorage } from "@storages/s3/storage";
import { createS3Server } from "@storages/s3/testing";
import { WRONG_PROGRAMS } from "./wrong_programs.ts";
import type { Use, User, WrongProgram } from "./wrong/wrong_program.ts";

function formRequest(): Request {
  const form = new FormData();
  form.set("file", new File(["GIF89a"], "a.gif"));
  return new Request("https://example.com/upload", { method: "POST", body: form });
}

async function use(): Promise<Use> {
  const { fetch } = createS3Server({ buckets: ["media"] });
  const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
  const memory = new MemoryStorage({ baseUrl: "https://example.com/media/" });
  for (const each of [storage, memory]) await each.save("a.txt", "storage contents");
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const uploaded = formRequest();
  await uploaded.bytes();
  return {
    storage,
    memory,
    avatars: fileField<User>(memory, { uploadTo: ({ id }, name) => `${id}/${name}` }),
    user: { id: 7, avatar: "a.txt" },
    signer: new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: pair.privateKey }),
    presigner: new Presigner({
      bucketUrl: "https://media.s3.amazonaws.com",
      region: "us-east-1",
      credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    }),
    url: "https://cdn.example.com/a.txt",
    page: new Request("https://example.com/media/a.txt"),
    request: formRequest(),
    uploaded,
    reading: await memory.open("a.txt", "rb"),
    writing: await memory.open("b.txt", "wb"),
  };
}

/** Runs a program to its end: a list is read. Returns its error as text. */
async function refusal(program: WrongProgram): Promise<string> {
  try {
    const result = await program.run(await use());
    if (Symbol.asyncIterator in Object(result)) { for await (const _ of result as AsyncIterable<unknown>); }
    return "accepted";
  } catch (error) {
    return String(error);
  }
}

for (const [group, programs] of Object.entries(WRONG_PROGRAMS)) {
  for (const program of programs) {
    const { name, message } = program;
    if (message === undefined) continue;
    Deno.test(`wrong program (${group}): ${name}`, async () => {
      const actual = await refusal(program);
      assert(actual.includes(message), `expected: …${message}…\nactual: ${actual}`);
    });
  }
}
