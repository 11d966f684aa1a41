/** Clients that disconnect while a server handles their requests. */
import { assert } from "@std/assert";
import { connect } from "node:net";

/** The limit for what a test waits for. */
const LIMIT_MILLISECONDS = 60_000;

/** The bytes of a file that are sent. */
const SENT_BYTES = 12_000_000;

/** The length of the form that is announced. */
const FORM_BYTES = 50_000_000;

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** Waits for a condition. */
export async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + LIMIT_MILLISECONDS;
  while (!isSo()) {
    assert(performance.now() < limit, "still waiting");
    await pause();
  }
}

/** Begins to send a form with a large file, `body.bin`, and resets the connection in the middle of it, once `isSo`. */
export async function disconnectDuring(
  url: string,
  headers: Readonly<Record<string, string>>,
  isSo: () => boolean,
): Promise<void> {
  const { port, host, pathname } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  const all = {
    host,
    ...headers,
    "content-type": "multipart/form-data; boundary=b",
    "content-length": FORM_BYTES,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`POST ${pathname} HTTP/1.1\r\n${lines}\r\n`);
  socket.write(`--b\r\ncontent-disposition: form-data; name="a"; filename="body.bin"\r\n\r\n`);
  socket.write(new Uint8Array(SENT_BYTES));
  await until(isSo);
  socket.resetAndDestroy();
}
