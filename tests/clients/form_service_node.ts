/** Starts the form service on Node. */
import { answerForm } from "./form_service.ts";
import { serveOnNode } from "./node_service.ts";

serveOnNode(answerForm);
