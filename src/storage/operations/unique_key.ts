import { fitName, randomSuffix } from "../contract/names.ts";
import type { AvailableNameOptions } from "../contract/options.ts";
import { MAX_NAME_ATTEMPTS, type NameRules, noFreeName, StorageNames } from "../storage_names.ts";

/** A key that no other writer chooses, even if `getAlternativeName` is overridden with one that another may choose. */
export async function uniqueKey(
  storage: StorageNames,
  rules: NameRules,
  name: string,
  { maxLength, signal }: AvailableNameOptions,
): Promise<string> {
  const isOverridden = storage.getAlternativeName !== StorageNames.prototype.getAlternativeName;
  const alternative = isOverridden ? rules.alternative(name, maxLength) : name;
  for (let attempt = 1; attempt <= MAX_NAME_ATTEMPTS; attempt++) {
    const unique = fitName(alternative, maxLength, `_${randomSuffix()}`);
    if (await storage.isNameAvailable(unique, { maxLength, signal })) return rules.keyOf(unique);
  }
  throw noFreeName(name);
}
