/** What {@linkcode MachineCode} describes. */
import { TempFile } from "./files/temp_file.ts";

export { fileWriter } from "./files/save_file.ts";
export { bulkTransport, completeHead } from "./transport/bulk_transport.ts";
export { configuredTransport } from "./transport/configured_transport.ts";

/** @throws {DiskError} If the file cannot be created. */
export const createTempFile = (): Promise<TempFile> => TempFile.create();
