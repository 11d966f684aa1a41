import { S3Storage } from "../../s3/s3_storage.ts";
import type { Call, Command } from "../command.ts";
import { json } from "../output/format.ts";
import { EXIT, UsageError } from "../output/failure.ts";
import { isS3, s3Settings, within } from "../place.ts";
import { type Feature, FEATURES, policyDocument } from "../policy_document.ts";

/** Prints the IAM policy for the settings in use. */
export const policyCommand: Command = {
  name: "policy",
  usage: "[PLACE]",
  summary: "Print the IAM policy that the settings in use need, and no more, as JSON.",
  details: "It is for the folder of PLACE, or that of the AWS_* variables. Permissions for ACLs, tags, object locks, " +
    "versions and KMS are in it where the settings ask for them.",
  takes: [0, 1],
  options: {
    for: { value: "LIST", multiple: true, help: `What to allow, of ${FEATURES.join(", ")} (all)` },
    "read-only": { help: "The same as --for list,read" },
    principal: { value: "ARN", help: "Make a policy of the bucket, for this user or role" },
    invalidate: { value: "ID", help: "Allow invalidations of this CloudFront distribution, too" },
  },
  examples: [
    ["policy s3://media/static > policy.json", "For the user or role that stores static files."],
    ["policy --read-only --principal arn:aws:iam::123456789012:role/web", "A policy of the bucket."],
  ],
  run: runPolicy,
};

async function runPolicy({ io, screen, given, options }: Call): Promise<number> {
  const place = given[0] ?? "s3:";
  if (!isS3(place)) throw new UsageError(`policy is for places on S3: "${place}" is a path on disk`);
  const { options: settings, name } = s3Settings(place, io);
  const principal = options.text("principal");
  const distributionId = options.text("invalidate");
  if (principal !== undefined && distributionId !== undefined) {
    throw new UsageError("A policy of a bucket says nothing of CloudFront: leave out --principal or --invalidate");
  }
  const storage = new S3Storage(settings);
  const [, service = "s3"] = /^arn:[^:]*:([^:]*):/.exec(storage.bucketName) ?? [];
  if (service !== "s3") {
    throw new UsageError(`policy is for buckets and access points of s3: those of ${service} differ`);
  }
  const document = policyDocument({
    settings: storage.settings,
    location: name === "" ? "" : within(name, ""),
    features: featuresOf(options),
    principal,
    distributionId,
  });
  if (principal !== undefined && storage.settings.objectParameters.SSEKMSKeyId !== undefined) {
    screen.warn(
      "what the KMS key takes is not in a policy of the bucket: it belongs to that of the key, or of the user",
    );
  }
  await screen.give(json(document, 2));
  return EXIT.done;
}

function featuresOf(options: Call["options"]): readonly Feature[] {
  const wanted = options.texts("for");
  if (options.has("read-only")) {
    if (wanted !== undefined) throw new UsageError("--read-only is --for list,read: give one of them");
    return ["list", "read"];
  }
  if (wanted?.length === 0) throw new UsageError("--for must not be empty");
  const wrong = wanted?.find((feature) => !(FEATURES as readonly string[]).includes(feature));
  if (wrong !== undefined) throw new UsageError(`--for takes ${FEATURES.join(", ")}: "${wrong}" is none of them`);
  return wanted as readonly Feature[] | undefined ?? FEATURES;
}
