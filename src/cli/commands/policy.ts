import { S3Storage } from "../../s3/s3_storage.ts";
import type { Call, Command } from "../command.ts";
import { json } from "../output/format.ts";
import { EXIT, UsageError } from "../output/failure.ts";
import { requireS3, s3Settings, within } from "../place.ts";
import { type Feature, FEATURES, policyDocument } from "../policy_document.ts";

/** Prints the IAM policy for the current settings. */
export const policyCommand: Command = {
  name: "policy",
  usage: "[PLACE]",
  summary: "Print the minimal IAM policy for the current settings, as JSON.",
  details:
    "The policy covers the folder of PLACE, or the location of the AWS_* variables. It includes permissions for " +
    "ACLs, tags, object locks, versions and KMS if the settings need them.",
  takes: [0, 1],
  options: {
    for: { value: "LIST", multiple: true, help: `Features to allow: ${FEATURES.join(", ")} (all)` },
    "read-only": { help: "Same as --for list,read" },
    principal: { value: "ARN", help: "Print a bucket policy for this user or role" },
    invalidate: { value: "ID", help: "Also allow invalidations of this CloudFront distribution" },
  },
  examples: [
    ["policy s3://media/static > policy.json", "For the user or role that stores static files."],
    ["policy --read-only --principal arn:aws:iam::123456789012:role/web", "A bucket policy."],
  ],
  run: runPolicy,
};

async function runPolicy({ io, screen, args, options }: Call): Promise<number> {
  const place = requireS3(args[0] ?? "s3:", "policy");
  const { options: settings, name } = s3Settings(place, io);
  const principal = options.text("principal");
  const distributionId = options.text("invalidate");
  if (principal !== undefined && distributionId !== undefined) {
    throw new UsageError(
      "--principal cannot be combined with --invalidate: bucket policies cannot grant CloudFront permissions",
    );
  }
  const storage = new S3Storage(settings);
  const [, service = "s3"] = /^arn:[^:]*:([^:]*):/.exec(storage.bucketName) ?? [];
  if (service !== "s3") {
    throw new UsageError(`policy supports buckets and access points of s3 only, got an ARN of ${service}`);
  }
  const document = policyDocument({
    settings: storage.settings,
    location: name === "" ? "" : within(name, ""),
    features: featuresOf(options),
    principal,
    distributionId,
  });
  if (principal !== undefined && storage.settings.objectParameters.SSEKMSKeyId !== undefined) {
    screen.warn("bucket policies cannot grant KMS permissions: add them to the policy of the key, user or role");
  }
  await screen.give(json(document, 2));
  return EXIT.done;
}

function featuresOf(options: Call["options"]): readonly Feature[] {
  const wanted = options.texts("for");
  if (options.has("read-only")) {
    if (wanted !== undefined) throw new UsageError("--read-only cannot be combined with --for");
    return ["list", "read"];
  }
  if (wanted?.length === 0) throw new UsageError("--for must not be empty");
  const wrong = wanted?.find((feature) => !(FEATURES as readonly string[]).includes(feature));
  if (wrong !== undefined) throw new UsageError(`--for must be a list of ${FEATURES.join(", ")}, got "${wrong}"`);
  return wanted as readonly Feature[] | undefined ?? FEATURES;
}
