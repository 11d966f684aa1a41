/** Runs the conformance suite in Vercel's edge runtime, which calls listeners of `fetch` instead of a module's export. */
import worker from "./worker.ts";

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

addEventListener("fetch", (event) => {
  const { request, respondWith } = event as FetchEvent;
  respondWith.call(event, worker.fetch(request));
});
