/** Measures contenders side by side, in rounds in which each has its turn: a slow spell of the machine meets them all. */

/** One way to do a thing. */
export interface Contender {
  readonly name: string;
  /** How many are asked for at a time: enough for the asking, as long as some hundred quick ones, to take no part in it. */
  readonly batch: number;
  /** Does it `count` times, for the things of the numbers `from` and up. */
  readonly run: (from: number, count: number) => unknown;
}

/** How many times a second a contender did it, in each round. */
export interface Measured {
  readonly runtime: string;
  readonly name: string;
  readonly rates: readonly number[];
}

/** The rounds that count; one more comes before them, to warm up. */
const ROUNDS = 9;
const TURN_MILLISECONDS = 250;

/** Gives every contender its turn in every round. */
export async function measure(contenders: ReadonlyArray<Contender & { runtime: string }>): Promise<Measured[]> {
  const measured = contenders.map(({ runtime, name }) => ({ runtime, name, rates: [] as number[] }));
  for (const contender of contenders) await takeTurn(contender);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, contender] of contenders.entries()) measured[index]!.rates.push(await takeTurn(contender));
  }
  return measured;
}

async function takeTurn({ batch, run }: Contender): Promise<number> {
  const start = performance.now();
  let done = 0;
  let elapsed = 0;
  while (elapsed < TURN_MILLISECONDS) {
    await run(done, batch);
    done += batch;
    elapsed = performance.now() - start;
  }
  return done * 1000 / elapsed;
}

/** What a contender did in a round like any other. */
export function rate({ rates }: Measured): number {
  return median(rates);
}

/** How many times as much one did as the other, in the median of the rounds. */
export function ratio(one: Measured, other: Measured): number {
  return median(one.rates.map((rate, round) => rate / other.rates[round]!));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
