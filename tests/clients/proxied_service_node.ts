/** Starts the proxied service on Node. */
import { serveOnNode } from "./node_service.ts";
import { answerProxied } from "./proxied_service.ts";

serveOnNode(answerProxied);
