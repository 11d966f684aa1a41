import { STORAGES } from "../storage/storages.ts";
import { modelSection, storageSection } from "./transcripts.ts";

for (const [kind, create] of Object.entries(STORAGES)) {
  Deno.test(`the document's section "Storage" runs line by line on ${kind}`, () => storageSection(create()));
  Deno.test(`the document's section "Model" runs line by line on ${kind}`, () => modelSection(create()));
}
