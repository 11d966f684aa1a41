// deno-lint-ignore-file no-console -- the port is passed to the runner on standard output
/** Serves the contenders in a process of Deno, Node or Bun, at the port that it prints. */
import { createServer } from "node:http";
import { makeAnswer } from "./answer.ts";
import { presignPeers } from "./presign_peers.ts";

const answer = await makeAnswer(await presignPeers());
const server = createServer(async (request, response) => {
  let question = "";
  for await (const chunk of request) question += chunk;
  response.end(await answer(question));
});
server.listen(0, "127.0.0.1", () => console.log(`port ${(server.address() as { port: number }).port}`));
