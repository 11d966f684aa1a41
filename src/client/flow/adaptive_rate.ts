import { ThrottledError } from "../../errors.ts";
import { sleep } from "../../kit/async/backoff.ts";

/** After a response that asks to slow down, the rate is this part of the rate before. */
const SLOWDOWN = 0.7;

/** How steeply the rate grows again (RFC 9438, CUBIC). */
const GROWTH = 0.4;

/** The weight of the last half second in the measured rate. */
const SMOOTHING = 0.8;

/** Less of a turn is an error of rounding. */
const LEAST_LEFT = 1e-6;

/** The least requests per second. */
const MIN_RATE = 0.5;

/** The longest time, in milliseconds, until a request that waits looks at the rate again. */
const LOOK_MILLISECONDS = 200;

/** The rate is measured over spans of this many seconds. */
const SPAN_SECONDS = 0.5;

/**
 * The rate of requests to one service: without a limit until the service first asks to slow down, then as TCP's CUBIC
 * limits that of packets. Source: the adaptive retry mode of the AWS SDKs; botocore, `retries/throttling.py`.
 */
export class AdaptiveRate {
  #isLimited = false;
  /** Requests per second that may be sent. */
  #rate = MIN_RATE;
  /** Requests that took their turn, in the order of the calls, and the turns that have come. */
  #taken = 0;
  #come = 0;
  #refilledAt = 0;
  /** The rate at which the service last asked to slow down. */
  #mostRate = 0;
  #slowedAt = 0;
  #measuredRate = 0;
  #spanBegan = seconds();
  #sentInSpan = 0;

  /** Requests per second that may be sent; infinite until the service first asks to slow down. */
  get perSecond(): number {
    return this.#isLimited ? this.#rate : Infinity;
  }

  /** Waits until another request may be sent. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#isLimited) return;
    const turn = ++this.#taken;
    try {
      for (;;) {
        this.#refill();
        const left = turn - this.#come;
        if (left < LEAST_LEFT) return;
        // The rate may change meanwhile. Each request has a timer of its own: those of an edge runtime end with a request.
        await sleep(Math.min(LOOK_MILLISECONDS, Math.ceil(left * 1000 / this.#rate)), signal);
      }
    } catch (error) {
      this.#come++; // it will not be sent
      throw error;
    }
  }

  /** Adapts the rate to the outcome of a request. */
  update(error: unknown): void {
    const now = seconds();
    this.#measure(now);
    if (error instanceof ThrottledError) {
      this.#mostRate = this.#isLimited ? Math.min(this.#measuredRate, this.#rate) : this.#measuredRate;
      this.#slowedAt = now;
      this.#setRate(this.#mostRate * SLOWDOWN);
      this.#isLimited = true;
    } else if (this.#isLimited) {
      const untilMost = Math.cbrt(this.#mostRate * (1 - SLOWDOWN) / GROWTH);
      this.#setRate(GROWTH * (now - this.#slowedAt - untilMost) ** 3 + this.#mostRate);
    }
  }

  #setRate(rate: number): void {
    this.#refill();
    this.#rate = Math.max(MIN_RATE, Math.min(rate, 2 * this.#measuredRate));
    this.#come = Math.min(this.#come, this.#taken + this.#most);
  }

  /** The most requests that may be sent immediately. */
  get #most(): number {
    return Math.max(1, this.#rate);
  }

  #refill(): void {
    const now = seconds();
    const refilled = this.#isLimited ? (now - this.#refilledAt) * this.#rate : 0;
    this.#come = Math.min(this.#taken + this.#most, this.#come + refilled);
    this.#refilledAt = now;
  }

  #measure(now: number): void {
    this.#sentInSpan++;
    const span = now - this.#spanBegan;
    if (span < SPAN_SECONDS) return;
    this.#measuredRate = this.#sentInSpan / span * SMOOTHING + this.#measuredRate * (1 - SMOOTHING);
    this.#spanBegan = now;
    this.#sentInSpan = 0;
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
