/** What a runtime does with an async iterable as a body. */

/** Three chunks; `ends` has what happened. */
function iterable(ends: string[]): AsyncIterable<Uint8Array> {
  let turn = 0;
  const iterator = {
    next: () =>
      Promise.resolve(turn++ < 3 ? { done: false, value: new Uint8Array(1) } : { done: true, value: undefined }),
    return: () => Promise.resolve({ done: true, value: ends.push("return") }),
  };
  return { [Symbol.asyncIterator]: () => iterator as AsyncIterator<Uint8Array> };
}

/** Whether a body can be made of an async iterable: not in browsers and older Workers. */
export async function takesIterables(): Promise<boolean> {
  return await new Response(iterable([]) as unknown as BodyInit).text() === "\0\0\0";
}

/** Whether the iterable of a body is ended when the body is cancelled: not on Bun below 1.4. */
export async function endsIterables(): Promise<boolean> {
  const ends: string[] = [];
  await new Response(iterable(ends) as unknown as BodyInit).body!.cancel().catch(() => {});
  return ends.length > 0;
}
