/** Starts the file service on Node. */
import { answerFile } from "./file_service.ts";
import { serveOnNode } from "./node_service.ts";

serveOnNode(answerFile);
