import { S3ServerError } from "../protocol/errors.ts";

/** The form that a policy is checked against: its fields by lower-case name, and the size of the file. */
export interface PolicySubject {
  readonly fields: ReadonlyMap<string, string>;
  readonly size: number;
  readonly now: Date;
}

/** Fields that need no condition. */
const EXEMPT = new Set(["x-amz-signature", "signature", "awsaccesskeyid", "file", "policy"]);

/** Checks that a policy has not expired, that its conditions hold, and that they cover every field of the form. */
export function checkPolicy(policyBase64: string, subject: PolicySubject): void {
  const policy = parsePolicy(policyBase64);
  const expiration = typeof policy.expiration === "string" ? Date.parse(policy.expiration) : NaN;
  if (Number.isNaN(expiration)) throw invalidPolicy("Policy missing expiration.");
  if (expiration < subject.now.getTime()) throw denied("Policy expired.");
  if (!Array.isArray(policy.conditions)) throw invalidPolicy("Policy missing conditions.");
  const covered = new Set<string>();
  for (const condition of policy.conditions) {
    for (const name of checkCondition(condition, subject)) covered.add(name);
  }
  for (const name of subject.fields.keys()) {
    if (!covered.has(name) && !EXEMPT.has(name) && !name.startsWith("x-ignore-")) {
      throw denied(`Extra input fields: ${name}`);
    }
  }
}

function parsePolicy(policyBase64: string): { expiration?: unknown; conditions?: unknown } {
  try {
    const bytes = Uint8Array.from(atob(policyBase64), (character) => character.charCodeAt(0));
    const policy: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof policy === "object" && policy !== null) return policy;
  } catch {
    // Reported below: the base64, UTF-8 or JSON is invalid.
  }
  throw invalidPolicy("Invalid JSON.");
}

/** Checks one condition. Returns the names of the fields that it covers. */
function checkCondition(condition: unknown, subject: PolicySubject): string[] {
  if (Array.isArray(condition)) return checkListedCondition(condition, subject);
  if (typeof condition !== "object" || condition === null) throw invalidPolicy("Invalid Condition.");
  return Object.entries(condition).map(([name, value]) => {
    if (typeof value !== "string") throw invalidPolicy("Invalid Simple-Condition: value must be a string.");
    return checkField("eq", name, value, subject, condition);
  });
}

function checkListedCondition(condition: readonly unknown[], subject: PolicySubject): string[] {
  const [operator, first, second] = condition;
  const name = typeof operator === "string" ? operator.toLowerCase() : "";
  if (name === "content-length-range") {
    const low = Number(first), high = Number(second);
    if (!Number.isInteger(low) || !Number.isInteger(high)) throw invalidPolicy("Invalid content-length-range.");
    if (subject.size < low) throw sizeError("EntityTooSmall", subject.size, "MinSizeAllowed", low);
    if (subject.size > high) throw sizeError("EntityTooLarge", subject.size, "MaxSizeAllowed", high);
    return [];
  }
  const wellFormed = typeof first === "string" && first.startsWith("$") && typeof second === "string";
  if ((name !== "eq" && name !== "starts-with") || !wellFormed) throw invalidPolicy("Invalid Condition.");
  return [checkField(name, first.slice(1), second, subject, condition)];
}

function checkField(
  operator: "eq" | "starts-with",
  field: string,
  expected: string,
  subject: PolicySubject,
  condition: unknown,
): string {
  const name = field.toLowerCase();
  const value = subject.fields.get(name) ?? "";
  // "starts-with" must hold for each of several content types.
  const pieces = operator === "starts-with" && name === "content-type" ? value.split(",") : [value];
  const holds = operator === "eq" ? value === expected : pieces.every((piece) => piece.startsWith(expected));
  if (!holds) throw denied(`Policy Condition failed: ${JSON.stringify(condition)}`);
  return name;
}

function invalidPolicy(reason: string): S3ServerError {
  return new S3ServerError("InvalidPolicyDocument", `Invalid Policy: ${reason}`);
}

function denied(reason: string): S3ServerError {
  return new S3ServerError("AccessDenied", `Invalid according to Policy: ${reason}`);
}

function sizeError(
  code: "EntityTooSmall" | "EntityTooLarge",
  size: number,
  limitName: string,
  limit: number,
): S3ServerError {
  return new S3ServerError(code, undefined, { ProposedSize: `${size}`, [limitName]: `${limit}` });
}
