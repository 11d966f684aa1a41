/** Runs the conformance suite in workerd with the parts that `@storages/s3/edge` has, in place of those of its imports. */
import { sessions } from "../../src/credentials/from_settings.ts";
import { machine } from "../../src/runtime/detect.ts";
import { profiles } from "../../src/settings/profiles.ts";
import worker from "./worker.ts";

for (const parts of [machine, profiles, sessions] as object[]) {
  for (const name of Object.keys(parts)) Reflect.deleteProperty(parts, name);
}
await import("../../src/s3/edge/omitted.ts");

export default worker;
