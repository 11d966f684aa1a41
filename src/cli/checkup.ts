import { isStorageError } from "../errors.ts";
import type { S3Storage } from "../s3/s3_storage.ts";
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import { explain } from "./output/failure.ts";
import { labelOf, within } from "./place.ts";
import { actionsOf } from "./policy_document.ts";

/** What came of one step of a check. */
export interface Finding {
  readonly step: "list" | "write" | "parts" | "read" | "sign" | "delete";
  /** Whether it can be done; left out where that could not be seen. */
  readonly ok?: boolean;
  /** The permissions it takes. */
  readonly permissions: readonly string[];
  /** What there is to say. */
  readonly detail?: string | undefined;
}

const PROBE = encodeUtf8("A probe of `storages-s3 check`. It may be removed.\n");

/** Tries what a storage is for, and removes what it has written. */
export class Checkup {
  readonly #storage: S3Storage;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #fetch: (request: Request) => Promise<Response>;
  readonly #tell: (finding: Finding) => void;
  /** A random name, so that nobody else writes it, and its removal takes nothing of others. */
  readonly #probe: string;
  /** Whether other bytes were read than this check has written. */
  #isForeign = false;

  constructor(
    storage: S3Storage,
    folder: string,
    options: {
      readonly signal: AbortSignal;
      readonly fetch: (request: Request) => Promise<Response>;
      readonly tell: (finding: Finding) => void;
    },
  ) {
    this.#storage = storage;
    this.#folder = folder;
    this.#signal = options.signal;
    this.#fetch = options.fetch;
    this.#tell = options.tell;
    this.#probe = within(folder, `storages-check-${crypto.randomUUID()}.txt`);
  }

  /**
   * Goes through all steps.
   *
   * @throws What no permission would help against: no connection, no bucket, wrong keys.
   */
  async run(isReadOnly: boolean): Promise<void> {
    const add = (finding: Finding): boolean => {
      this.#tell(finding);
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
      return { step: "list", ok: true, permissions, detail: "nothing is there yet" };
    } catch (error) {
      return { step: "list", permissions, ...refused(error) };
    }
  }

  async #write(): Promise<Finding> {
    const [put, , , ...rest] = actionsOf("write", this.#storage.settings);
    const permissions = [put!, ...rest];
    try {
      // Without an encoding of its own it is not compressed, whatever the settings say, and so can be compared.
      await this.#storage.save(this.#probe, PROBE, {
        overwrite: true,
        contentEncoding: "",
        removeOnAbort: false,
        signal: this.#signal,
      });
      return { step: "write", ok: true, permissions };
    } catch (error) {
      if (isStorageError(error, "PermissionDenied")) return { step: "write", ok: false, permissions };
      await this.#storage.delete(this.#probe).catch(() => {}); // it may have arrived, though nobody heard of it
      throw error;
    }
  }

  /** Begins an upload in parts and gives it up, as one that is interrupted is. */
  async #parts(): Promise<Finding> {
    let permissions = ["s3:PutObject"];
    let detail: string | undefined;
    try {
      const { uploadId } = await this.#storage.createMultipartUpload(this.#probe, { parts: 1, signal: this.#signal });
      permissions = ["s3:AbortMultipartUpload"];
      detail = `an upload without parts is left behind: ${uploadId}`;
      await this.#storage.abortMultipartUpload(this.#probe, uploadId); // also where the check is stopped: without its signal
      return { step: "parts", ok: true, permissions };
    } catch (error) {
      return { step: "parts", permissions, detail, ...refused(error) };
    }
  }

  async #read(name: string, isProbe: boolean): Promise<Finding> {
    const permissions = actionsOf("read", this.#storage.settings);
    try {
      const file = await this.#storage.open(name, "rb", { decompress: false, signal: this.#signal });
      const bytes = await file.read(PROBE.byteLength).finally(() => file.close()); // `await using` is not for Node 20
      const isSame = !isProbe || bytes.every((byte, index) => byte === PROBE[index]) && file.size === PROBE.byteLength;
      if (isSame) return { step: "read", ok: true, permissions };
      this.#isForeign = true;
      return { step: "read", ok: false, permissions: [], detail: "what was read is not what was written" };
    } catch (error) {
      return { step: "read", permissions, ...refused(error) };
    }
  }

  /** Where there is nothing to read, S3 tells those who might that there is nothing, and others that they may not. */
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
    return { step: "read", permissions, detail: "cannot be seen: there is no object to read" };
  }

  async #sign(name: string): Promise<Finding> {
    const step = "sign";
    const { querystringAuth, customDomain } = this.#storage.settings;
    try {
      const url = await this.#storage.url(name, { signal: this.#signal });
      // A redirect is a finding: whoever follows it has another URL than the one that was signed.
      const response = await this.#fetch(new Request(url, { redirect: "manual", signal: this.#signal }));
      await response.body?.cancel();
      const by = customDomain === undefined ? "" : ` at ${customDomain}`;
      if (response.ok) return { step, ok: true, permissions: [], detail: `its URL gives the object${by}` };
      const isPublic = !querystringAuth || (customDomain !== undefined && !url.includes("Signature="));
      const detail = `its URL${by} answers ${response.status}` + (isPublic ? ": the object is not public" : "");
      return isPublic ? { step, permissions: [], detail } : { step, ok: false, permissions: [], detail };
    } catch (error) {
      this.#signal.throwIfAborted();
      return { step, ok: false, permissions: [], detail: explain(error) };
    }
  }

  /** Also where the check is stopped: without its signal. */
  async #remove(): Promise<Finding> {
    const permissions = ["s3:DeleteObject"];
    if (this.#isForeign) {
      const label = labelOf(this.#storage, this.#probe);
      return {
        step: "delete",
        permissions,
        detail: `not tried: ${label} holds other bytes than this check has written`,
      };
    }
    try {
      await this.#storage.delete(this.#probe);
      return { step: "delete", ok: true, permissions };
    } catch (error) {
      const detail = `the probe is left behind: ${labelOf(this.#storage, this.#probe)}`;
      if (isStorageError(error, "PermissionDenied")) return { step: "delete", ok: false, permissions, detail };
      return { step: "delete", ok: false, permissions: [], detail: `${explain(error)}; ${detail}` };
    }
  }
}

/** @throws What is no matter of permissions. */
function refused(error: unknown): { ok: false } {
  if (isStorageError(error, "PermissionDenied")) return { ok: false };
  throw error;
}
