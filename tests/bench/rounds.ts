/** Measures contenders in rounds, in which each has one turn, so that slow phases of the machine affect all of them. */

/** A contender. */
export interface Contender {
  readonly name: string;
  /** The size of a batch, large enough for the request, as long as some hundred fast operations, to be negligible. */
  readonly batch: number;
  /** Runs the operation `count` times, for the objects with the numbers from `from` on. */
  readonly run: (from: number, count: number) => unknown;
}

/** The operations per second of a contender in each round. */
export interface Measured {
  readonly runtime: string;
  readonly name: string;
  readonly rates: readonly number[];
}

/** The measured rounds, after one for warming up. */
const ROUNDS = 9;
const TURN_MILLISECONDS = 250;

/** Runs every contender in every round. */
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

/** The median rate of a contender. */
export function rate({ rates }: Measured): number {
  return median(rates);
}

/** The median ratio of the rates of two contenders. */
export function ratio(one: Measured, other: Measured): number {
  return median(one.rates.map((rate, round) => rate / other.rates[round]!));
}

/** The median. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
