/** Transfers with this library or with others. */
import { UPLOADS } from "./transfer_peers.ts";
import { runTransfer } from "./transfer_task.ts";

await runTransfer(UPLOADS);
