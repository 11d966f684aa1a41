/** Programs that catch errors, and compile. */
import { isStorageError, NotFoundError, StorageError, type StorageErrorCode } from "@storages/s3/errors";
import { NotFoundError as SameError, type Storage } from "@storages/s3/storage";
import { UploadError } from "@storages/s3/upload";

export async function catchesByCode(storage: Storage): Promise<string> {
  try {
    return await storage.readText("a.txt");
  } catch (error) {
    if (isStorageError(error, "NotFound")) {
      const code: "NotFound" = error.code; // the code is narrowed
      return `${code} ${error.bucket ?? ""} ${error.status ?? 0} ${error.requestId ?? ""}`;
    }
    throw error;
  }
}

export async function catchesByClass(storage: Storage): Promise<string | undefined> {
  try {
    return await storage.readText("a.txt");
  } catch (error) {
    if (error instanceof NotFoundError || error instanceof SameError) return undefined;
    throw error;
  }
}

export function decidesByCode(error: unknown): number {
  if (!isStorageError(error)) return 500;
  switch (error.code) {
    case "NotFound":
      return 404;
    case "AlreadyExists":
    case "PreconditionFailed":
      return 409;
    case "PermissionDenied":
      return 403;
    default:
      return 500;
  }
}

export function asksForACodeThatIsAVariable(error: unknown, code: StorageErrorCode): string {
  return isStorageError(error, code) ? error.message : String(error);
}

export class QuotaError extends StorageError {
  override get code(): "Service" {
    return "Service";
  }
}

export function throwsAnErrorOfItsOwn(): never {
  throw new QuotaError("Quota exceeded", { operation: "PutObject", key: "a.txt", cause: new Error("full") });
}

export function answersAFailedUpload(error: unknown): Response {
  if (error instanceof UploadError) return error.toResponse();
  throw error;
}
