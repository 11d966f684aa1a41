import { isStorageError } from "../errors.ts";
import type { S3Storage } from "../s3/s3_storage.ts";
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import { explain } from "./output/failure.ts";
import { labelOf, within } from "./place.ts";
import { actionsOf } from "./policy_document.ts";

/** The result of one step of a check. */
export interface Finding {
  readonly step: "list" | "write" | "parts" | "read" | "sign" | "delete";
  /** Whether the step is allowed; `undefined` if that is unknown. */
  readonly ok?: boolean;
  /** The permissions that the step needs. */
  readonly permissions: readonly string[];
  /** Further information. */
  readonly detail?: string | undefined;
}

const PROBE = encodeUtf8("A probe of `storages-s3 check`. It may be deleted.\n");

/** Tests the operations of a storage, and deletes the object that it has written. */
export class Checkup {
  readonly #storage: S3Storage;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #report: (finding: Finding) => void;
  /** A random name, so that no other program uses it. */
  readonly #probe: string;
  /** Whether the probe has bytes that this check did not write. */
  #isForeign = false;

  constructor(
    storage: S3Storage,
    folder: string,
    options: {
      readonly signal: AbortSignal;
      readonly fetch: (request: Request) => Promise<Response>;
      readonly report: (finding: Finding) => void;
    },
  ) {
    this.#storage = storage;
    this.#folder = folder;
    this.#signal = options.signal;
    this.#fetch = options.fetch;
    this.#report = options.report;
    this.#probe = within(folder, `storages-check-${crypto.randomUUID()}.txt`);
  }

  /**
   * Runs all steps.
   *
   * @throws Errors other than missing permissions: no connection, no bucket, invalid keys.
   */
  async run(isReadOnly: boolean): Promise<void> {
    const add = (finding: Finding): boolean => {
      this.#report(finding);
      return finding.ok === true;
    };
    const { found, ...listing } = await this.#list();
    const mayList = add(listing);
    const isWritten = !isReadOnly && add(await this.#write());
    try {
      if (isWritten) add(await this.#parts());
      const name = isWritten ? this.#probe : found;
      const mayRead = add(name === undefined ? await this.#readNothing(mayList) : await this.#read(name, isWritten));
      if (name !== undefined && mayRead) add(await this.#sign(name));
    } finally {
      if (isWritten) add(await this.#remove());
    }
  }

  async #list(): Promise<Finding & { found?: string }> {
    const permissions = ["s3:ListBucket"];
    try {
      for await (const { name } of this.#storage.list(this.#folder, { recursive: true, signal: this.#signal })) {
        return { step: "list", ok: true, permissions, found: name };
      }
      return { step: "list", ok: true, permissions, detail: "the folder is empty" };
    } catch (error) {
      return { step: "list", permissions, ...refused(error) };
    }
  }

  async #write(): Promise<Finding> {
    const [put, , , ...rest] = actionsOf("write", this.#storage.settings);
    const permissions = [put!, ...rest];
    try {
      // An explicit encoding prevents compression, so that the bytes can be compared.
      await this.#storage.save(this.#probe, PROBE, {
        onExisting: "replace",
        contentEncoding: "",
        deleteOnAbort: false,
        signal: this.#signal,
      });
      return { step: "write", ok: true, permissions };
    } catch (error) {
      if (isStorageError(error, "PermissionDenied")) return { step: "write", ok: false, permissions };
      await this.#storage.delete(this.#probe).catch(() => {}); // the object may exist although the response was lost
      throw error;
    }
  }

  /** Creates and aborts a multipart upload, as an interrupted upload does. */
  async #parts(): Promise<Finding> {
    let permissions = ["s3:PutObject"];
    let detail: string | undefined;
    try {
      const { uploadId } = await this.#storage.uploads.create(this.#probe, { parts: 1, signal: this.#signal });
      permissions = ["s3:AbortMultipartUpload"];
      detail = `an empty multipart upload remains: ${uploadId}`;
      await this.#storage.uploads.abort(this.#probe, uploadId); // without the signal, so that it also runs if the check is aborted
      return { step: "parts", ok: true, permissions };
    } catch (error) {
      return { step: "parts", permissions, detail, ...refused(error) };
    }
  }

  async #read(name: string, isProbe: boolean): Promise<Finding> {
    const permissions = actionsOf("read", this.#storage.settings);
    try {
      const file = await this.#storage.open(name, "rb", { decompress: false, signal: this.#signal });
      const bytes = await file.read(PROBE.byteLength).finally(() => file.close()); // Node 20 has no `await using`
      const isSame = !isProbe || bytes.every((byte, index) => byte === PROBE[index]) && file.size === PROBE.byteLength;
      if (isSame) return { step: "read", ok: true, permissions };
      this.#isForeign = true;
      return { step: "read", ok: false, permissions: [], detail: "the bytes read are not the bytes written" };
    } catch (error) {
      return { step: "read", permissions, ...refused(error) };
    }
  }

  /** For a missing object, S3 responds with 404 if reading is allowed, else with 403. */
  async #readNothing(mayList: boolean): Promise<Finding> {
    const permissions = actionsOf("read", this.#storage.settings);
    try {
      await this.#storage.stat(this.#probe, { signal: this.#signal });
    } catch (error) {
      if (isStorageError(error, "NotFound")) return { step: "read", ok: true, permissions };
      if (mayList || !isStorageError(error, "PermissionDenied")) {
        return { step: "read", permissions, ...refused(error) };
      }
    }
    return { step: "read", permissions, detail: "unknown: no object to read" };
  }

  async #sign(name: string): Promise<Finding> {
    const step = "sign";
    const { querystringAuth, customDomain } = this.#storage.settings;
    try {
      const url = await this.#storage.url(name, { signal: this.#signal });
      // A redirect is a failure: its target is not the URL that was signed.
      const response = await this.#fetch(new Request(url, { redirect: "manual", signal: this.#signal }));
      await response.body?.cancel();
      const by = customDomain === undefined ? "" : ` at ${customDomain}`;
      if (response.ok) return { step, ok: true, permissions: [], detail: `the URL returns the object${by}` };
      const isPublic = !querystringAuth || (customDomain !== undefined && !url.includes("Signature="));
      const detail = `the URL${by} returns status ${response.status}` + (isPublic ? ": the object is not public" : "");
      return isPublic ? { step, permissions: [], detail } : { step, ok: false, permissions: [], detail };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { step, ok: false, permissions: [], detail: explain(error) };
    }
  }

  /** Runs without the signal, so that the probe is also deleted if the check is aborted. */
  async #remove(): Promise<Finding> {
    const permissions = ["s3:DeleteObject"];
    if (this.#isForeign) {
      const label = labelOf(this.#storage, this.#probe);
      return {
        step: "delete",
        permissions,
        detail: `skipped: ${label} has bytes that this check did not write`,
      };
    }
    try {
      await this.#storage.delete(this.#probe);
      return { step: "delete", ok: true, permissions };
    } catch (error) {
      const detail = `the probe remains: ${labelOf(this.#storage, this.#probe)}`;
      if (isStorageError(error, "PermissionDenied")) return { step: "delete", ok: false, permissions, detail };
      return { step: "delete", ok: false, permissions: [], detail: `${explain(error)}; ${detail}` };
    }
  }
}

/** @throws Errors other than missing permissions. */
function refused(error: unknown): { ok: false } {
  if (isStorageError(error, "PermissionDenied")) return { ok: false };
  throw error;
}
