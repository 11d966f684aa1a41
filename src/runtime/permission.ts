import { denoApi } from "./detect.ts";

/** What a person may have to allow on Deno. */
export type Permission =
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "sys"; readonly kind: "homedir" }
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "run"; readonly command: string };

interface DenoLike {
  readonly permissions?: { querySync?(permission: Permission): { readonly state: string } };
}

/** Whether something is allowed, without asking a person for it; on all runtimes but Deno everything is. */
export function isPermitted(permission: Permission): boolean {
  const { permissions } = denoApi<DenoLike>() ?? {};
  return permissions?.querySync === undefined || permissions.querySync(permission).state === "granted";
}
