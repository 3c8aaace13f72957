import { checkOneOf, checkPositive, checkWhole, rangeError, typeError } from "../check.js";
import { between, halfCosine, type Share, straight } from "./anneal.js";
import {
  asSchedule,
  brief,
  checkFinite,
  checkOptions,
  count,
  inner,
  plural,
  type Schedule,
  schedule,
  withStateOf,
} from "./schedule.js";

/** Options of {@link warmup}. */
export interface WarmupOptions {
  /**
   * The value at step 0, of a line that ends at step `steps`. By default the line is one step ahead, so that no step is
   * wasted on 0 and the last step of the warm-up has the full value.
   */
  from?: number;
}

/**
 * Rises linearly to the first value of another schedule, then follows that schedule from its own step 0.
 *
 * f(t) = then(0) (t + 1) / steps for t < steps, or from + (then(0) - from) t / steps with `from`; then(t - steps) after
 *
 * Goyal et al., Accurate, large minibatch SGD, 2017 (arXiv 1706.02677), section 2.2. With `from`, Optax's
 * warmup_cosine_decay_schedule and PyTorch's SequentialLR of a LinearLR and another.
 * @throws TypeError or RangeError for a step count that is not a whole number ≥ 0, or a `then` that is neither a
 *   schedule nor a finite number
 * @example
 * const lr = schedules.warmup(100, schedules.cosine(1e-3, { steps: 900 }));
 * console.log(String(lr)); // warmup(100) → cosine(1e-3 → 0 over 900 steps)
 */
export function warmup(steps: number, then: number | Schedule, options: WarmupOptions = {}): Schedule {
  checkWhole("steps", steps, 0);
  const f = asSchedule("then", then);
  checkOptions("warmup", options, ["from"]);
  const { from } = options;
  if (from !== undefined) checkFinite("from", from);
  const text = () => `warmup(${steps}${from === undefined ? "" : ` from ${brief(from)}`}) → ${inner(then)}`;
  const made = schedule(text, (t) => {
    if (t >= steps) return f(t - steps);
    if (from !== undefined) return between(from, f(0), t, steps, straight);
    return f(0) * Math.min((t + 1) / steps, 1);
  });
  return withStateOf(made, [then]);
}

/**
 * Schedules one after another, each from its own step 0.
 *
 * f(t) = pieceᵢ(t - boundaryᵢ₋₁) for boundaryᵢ₋₁ ≤ t < boundaryᵢ
 *
 * Optax's join_schedules; PyTorch's SequentialLR.
 * @throws TypeError or RangeError unless the boundaries are above 0 (they need not be whole), ascend, and number one
 *   fewer than the pieces
 * @example
 * const lr = schedules.join([0.01, schedules.cosine(0.1, { steps: 500 }), 1e-4], [50, 550]);
 */
export function join(pieces: readonly (number | Schedule)[], boundaries: readonly number[]): Schedule {
  if (!Array.isArray(pieces)) throw typeError("pieces", "an array of schedules", pieces);
  if (!Array.isArray(boundaries)) throw typeError("boundaries", "an array of steps", boundaries);
  if (pieces.length === 0) throw rangeError("pieces", "at least one schedule", pieces);
  if (boundaries.length !== pieces.length - 1) {
    throw rangeError("boundaries", `${pieces.length - 1} between ${pieces.length} pieces`, boundaries);
  }
  const all = [...pieces];
  const parts = all.map((piece, i) => asSchedule(`pieces[${i}]`, piece));
  const ends = [...boundaries];
  ends.forEach((end, i) => {
    checkPositive(`boundaries[${i}]`, end);
    if (i > 0 && end <= ends[i - 1]!) throw rangeError(`boundaries[${i}]`, `a step after ${ends[i - 1]}`, end);
  });
  const text = () =>
    all.map((piece, i) => inner(piece) + (i < ends.length ? ` until ${count(ends[i])}` : "")).join(" → ");
  const made = schedule(text, (t) => {
    let i = 0;
    while (i < ends.length && ends[i]! <= t) i++;
    return parts[i](i === 0 ? t : t - ends[i - 1]!);
  });
  return withStateOf(made, all);
}

/**
 * The product of schedules at each step, such as a shape times a warm-up, or two decays.
 *
 * f(t) = Π factorᵢ(t)
 *
 * PyTorch's ChainedScheduler.
 * @throws TypeError or RangeError for no factors, or one that is neither a schedule nor a finite number
 * @example
 * const rise = schedules.linear(0.1, { to: 1, steps: 10 });
 * const lr = schedules.product(rise, schedules.exponential(0.1, { gamma: 0.95 }));
 */
export function product(...factors: (number | Schedule)[]): Schedule {
  if (factors.length === 0) throw rangeError("factors", "at least one schedule", factors);
  const parts = factors.map((factor, i) => asSchedule(`factors[${i}]`, factor));
  const text = () => factors.map(inner).join(" × ");
  const made = schedule(text, (t) => {
    let value = 1;
    for (const part of parts) value *= part(t);
    return value;
  });
  return withStateOf(made, factors);
}

/** Options of {@link wsd}. */
export interface WsdOptions {
  /** Steps of the warm-up. */
  warmup: number;
  /** Steps at the peak. */
  stable: number;
  /** Steps of the decay. */
  decay: number;
  /** Where it ends. Default 0. */
  to?: number;
  /** The value at step 0, as for {@link warmup}. */
  from?: number;
  /** The curve of the decay. Default "1-sqrt". */
  shape?: "linear" | "cosine" | "1-sqrt";
}

/** 1 - √(1 - x), computed as a quotient in which no digits cancel. */
const oneMinusSqrt: Share = (x) => (x === 0 ? 0 : x / (1 + Math.sqrt(1 - x)));

/**
 * Warm-up, stable, decay: the length of the run need not be known before its decay begins.
 *
 * f(t) = warm-up to the peak over `warmup` steps, the peak for `stable`, then with x = (t - warmup - stable) / decay
 * to + (peak - to) · (1 - x, (1 + cos πx) / 2 or 1 - √x)
 *
 * Hägele et al., Scaling laws and compute-optimal training beyond fixed training durations, NeurIPS 2024 (arXiv
 * 2405.18392), section 3; Hu et al., MiniCPM, 2024.
 * @throws RangeError for spans that are not whole numbers ≥ 0, or that are all 0
 * @example
 * const lr = schedules.wsd(1e-3, { warmup: 100, stable: 700, decay: 200 });
 */
export function wsd(peak: number, options: WsdOptions): Schedule {
  checkFinite("peak", peak);
  checkOptions("wsd", options, ["warmup", "stable", "decay", "to", "from", "shape"]);
  const { warmup: rise, stable, decay, to = 0, from, shape = "1-sqrt" } = options;
  checkWhole("warmup", rise, 0);
  checkWhole("stable", stable, 0);
  checkWhole("decay", decay, 0);
  checkFinite("to", to);
  if (from !== undefined) checkFinite("from", from);
  checkOneOf("shape", shape, ["linear", "cosine", "1-sqrt"]);
  if (rise + stable + decay === 0) throw rangeError("decay", "a run of at least one step in all", decay);
  const fall = (t: number): number => {
    if (t < stable) return peak;
    if (t >= stable + decay) return to;
    if (shape !== "1-sqrt") return between(peak, to, t - stable, decay, shape === "linear" ? straight : halfCosine);
    const rest = oneMinusSqrt((stable + decay - t) / decay);
    return peak * rest + to * (1 - rest);
  };
  const climb = warmup(rise, fall, from === undefined ? {} : { from });
  const end = `${shape} decay to ${brief(to)} over ${plural(decay)}`;
  return schedule(`wsd(${brief(peak)}, warm-up ${rise}, stable ${stable}, ${end})`, climb);
}
