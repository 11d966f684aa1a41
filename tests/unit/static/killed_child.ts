/** Collects a folder over HTTP, in a process that killed_test.ts kills. */
import { collect } from "../../../src/static/mod.ts";
import { killedStorage } from "./killed_storage.ts";

const [folder, endpoint] = Deno.args as [string, string];
await collect(killedStorage(endpoint), { from: folder, concurrency: 8 });
