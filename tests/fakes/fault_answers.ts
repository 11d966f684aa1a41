/** Responses that a faulty service or a middlebox sends instead of executing a request. */
import type { Fault } from "./fault_plan.ts";

/** A response with its whole body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** An error document of S3. */
export function errorAnswer(status: number, code: string, fields: Readonly<Record<string, string>> = {}): Answer {
  const elements = Object.entries({ Code: code, Message: "Injected", ...fields });
  const document = elements.map(([name, text]) => `<${name}>${text}</${name}>`).join("");
  return textAnswer(status, "application/xml", `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${document}</Error>`);
}

/** The page of a captive portal or a proxy. */
export function pageAnswer(status: number, title: string): Answer {
  return textAnswer(status, "text/html", `<html><head><title>${title}</title></head><body><p>${title}</body></html>`);
}

function textAnswer(status: number, type: string, text: string): Answer {
  return { status, headers: new Headers({ "content-type": type }), body: new TextEncoder().encode(text) };
}

/** The response to a request that is read but not executed; `undefined` for faults of another kind. */
export function answerInstead({ kind, amount }: Fault): Answer | undefined {
  switch (kind) {
    case "internalError":
      return errorAnswer(500, "InternalError");
    case "errorDocument":
      return errorAnswer(200, amount < 0.7 ? "InternalError" : "SlowDown");
    case "gatewayPage":
      return pageAnswer(502 + Math.floor(amount * 3), "The gateway got no answer");
    case "tooManyRequests":
      return withHeader(errorAnswer(429, "TooManyRequests"), "retry-after", amount < 0.9 ? "0" : "1");
    case "operationAborted":
      return errorAnswer(409, "OperationAborted");
    case "requestTimeout":
      return errorAnswer(400, "RequestTimeout");
    case "loginPage":
      return pageAnswer(200, "Login");
    case "emptyAnswer":
      return { status: 200, headers: new Headers(), body: new Uint8Array(0) };
    case "movedNowhere":
      return amount < 0.5 ? errorAnswer(301, "PermanentRedirect") : errorAnswer(307, "TemporaryRedirect");
    case "movedRegion":
      return amount < 0.5
        ? withHeader(errorAnswer(301, "PermanentRedirect"), "x-amz-bucket-region", "eu-west-1")
        : errorAnswer(400, "AuthorizationHeaderMalformed", { Region: "eu-west-1" });
  }
}

function withHeader(answer: Answer, name: string, value: string): Answer {
  answer.headers.set(name, value);
  return answer;
}
