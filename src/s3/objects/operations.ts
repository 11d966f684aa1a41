/** The operations on stored objects that are loaded on demand, together. */
export { getAcl, setAcl } from "./acl.ts";
export { restoreArchived } from "./archive.ts";
export { sendCustomRequest } from "./custom_request.ts";
export { getTags, setTags } from "./tags.ts";
export { deleteVersion, listVersions } from "./version_operations.ts";
export { restoreVersion } from "./restore_version.ts";
