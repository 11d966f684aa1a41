/** Transfers with this library, and nothing else loaded. */
import { runTransfer } from "./transfer_task.ts";

await runTransfer();
