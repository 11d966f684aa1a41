import { denoApi } from "./detect.ts";

/** A permission of Deno. */
export type Permission =
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "sys"; readonly kind: "homedir" }
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "run"; readonly command: string };

interface DenoLike {
  readonly permissions?: { querySync?(permission: Permission): { readonly state: string } };
}

/** Whether a permission is granted, without a prompt; on other runtimes than Deno every permission is. */
export function isPermitted(permission: Permission): boolean {
  const { permissions } = denoApi<DenoLike>() ?? {};
  return permissions?.querySync === undefined || permissions.querySync(permission).state === "granted";
}
