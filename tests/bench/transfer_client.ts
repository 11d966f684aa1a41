/** Transfers with this library only. */
import { runTransfer } from "./transfer_task.ts";

await runTransfer();
