/** Storages without keys, each case in a new process: see credentials_cases.ts. */
import { runOnDeno } from "../runtimes/run_suite.ts";
import { CASES, type CredentialsResult } from "./credentials_cases.ts";

for (const name of Object.keys(CASES)) {
  Deno.test(`a storage without keys: ${name}`, async () => {
    const [result] = await runOnDeno<CredentialsResult>("tests/clients/credentials_cases.ts", name);
    if (result!.error !== undefined) throw new Error(result!.error);
  });
}
