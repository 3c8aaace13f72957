/** The contest: every piece of work is validated on every contestant, then timed on all of them in turns. */
import { type Effort, measure, median, type Remote, ratio, type Task } from "../harness.js";
import type { Row } from "../peerTables.js";
import type { Contestant, Piece, Training } from "./contestant.js";
import { DIGITS, type Digits, TARGET } from "./digits.js";
import {
  accuracy,
  batches,
  initial,
  type Net,
  nameOf,
  nameOfNet,
  nameOfStep,
  numbers,
  type ProductShape,
  productFlops,
  type Rule,
} from "./work.js";

/** How long contestants train before they are timed. */
export interface Proof {
  steps: number;
  /** Milliseconds after which a slow one need go no further. */
  patience: number;
}

const BATCHES = 1000;
const TOLERANCE = 1e-3;
const STEPS = 3; // enough that wrong moments and bias corrections show

type Entrants<P> = [string, P][];

/** Times all of them; the first is ours. */
async function race(entrants: Entrants<{ run: Task | Remote }>, effort: Effort): Promise<Pick<Row, "ours" | "peers">> {
  const times = await measure(Object.fromEntries(entrants.map(([name, { run }]) => [name, run])), effort);
  const [us, ...others] = entrants.map(([name]) => name) as [string, ...string[]];
  const peers = others.map((name) => [name, { ms: median(times[name]!), ratio: ratio(times[name]!, times[us]!) }]);
  return { ours: median(times[us]!), peers: Object.fromEntries(peers) };
}

async function repeat(piece: Piece, count: number): Promise<void> {
  if (typeof piece.run !== "function") await piece.steps!(count);
  else for (let i = 0; i < count; i++) await piece.run();
}

export async function products(field: Contestant[], shapes: readonly ProductShape[], effort: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  // The first comes twice, and counts the second time: engines and peers have their code compiled by then.
  for (const shape of [...shapes.slice(0, 1), ...shapes]) {
    const { m, k, n } = shape;
    const [a, b] = [numbers(m * k, 1), numbers(k * n, 2)];
    const entrants: Entrants<Piece> = [];
    for (const { name, product } of field) {
      if (!product) continue;
      const piece = await product(shape, a, b);
      entrants.push([name, piece]);
      await repeat(piece, 1);
      checkProduct(name, shape, a, b, await piece.output());
    }
    rows.push({ work: nameOf(shape), flops: productFlops(shape), ...(await race(entrants, effort)) });
    for (const [, { dispose }] of entrants) dispose();
  }
  return rows.slice(1);
}

/** Sampled elements against sums in double precision. */
function checkProduct(name: string, shape: ProductShape, a: Float32Array, b: Float32Array, c: ArrayLike<number>): void {
  const { m, k, n, layout } = shape;
  if (c.length !== m * n) throw new Error(`${name}, ${nameOf(shape)}: expected ${m * n} elements, got ${c.length}`);
  for (let s = 0; s < 97; s++) {
    const at = (s * 7919 + (s === 96 ? m * n - 1 : 0)) % (m * n);
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let l = 0; l < k; l++)
      sum += a[layout === "TN" ? l * m + i : i * k + l]! * b[layout === "NT" ? j * k + l : l * n + j]!;
    // Products of fractions below ½: their sum rounds by some k ulp of 1 at the most, and far less as a rule.
    if (!(Math.abs(c[at]! - sum) < 1e-6 * k))
      throw new Error(`${name}, ${nameOf(shape)}: expected ${sum} at [${i}, ${j}], got ${c[at]}`);
  }
}

export async function optimizers(field: Contestant[], work: readonly [Rule, number][], effort: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [rule, n] of [...work.slice(0, 1), ...work]) {
    const [p, g] = [numbers(n, 3), numbers(n, 4).map((x) => x + Math.sign(x) * 0.01)]; // no gradient that eps would shape
    const entrants: Entrants<Piece> = [];
    let expected: ArrayLike<number> | undefined;
    for (const { name, optimizer } of field) {
      const piece = await optimizer?.(rule, p, g);
      if (!piece) continue;
      entrants.push([name, piece]);
      await repeat(piece, n > 2 ** 20 ? 1 : STEPS);
      const found = await piece.output();
      expected ??= found;
      checkStep(`${name}, ${rule}`, p, expected, found);
    }
    rows.push({ work: nameOfStep(rule, n), elements: n, ...(await race(entrants, effort)) });
    for (const [, { dispose }] of entrants) dispose();
  }
  return rows.slice(1);
}

/** How far the parameters went, within a thousandth of it. */
function checkStep(name: string, from: Float32Array, expected: ArrayLike<number>, found: ArrayLike<number>): void {
  for (let i = 0; i < from.length; i += 1 + (from.length >> 12)) {
    const way = expected[i]! - from[i]!;
    if (!(Math.abs(found[i]! - expected[i]!) <= 1e-3 * Math.abs(way) + 1e-7))
      throw new Error(`${name}: expected a step of ${way} at ${i}, got ${found[i]! - from[i]!}`);
  }
}

export async function trainings(
  field: Contestant[],
  nets: readonly Net[],
  proof: Proof,
  effort: Effort,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const net of nets) {
    const [start, data] = [initial(net), batches(net, BATCHES)];
    const entrants: Entrants<Training> = [];
    const losses: number[] = [];
    for (const { name, training } of field) {
      if (!training) continue;
      const entrant = await training(net, start, data);
      entrants.push([name, entrant]);
      const mine = entrants.length === 1;
      const until = performance.now() + proof.patience;
      let done = 0;
      for (; done < proof.steps && (mine || performance.now() < until); done++) {
        const { loss } = await entrant.steps(1);
        if (mine) losses.push(loss);
        else if (!(Math.abs(loss - losses[done]!) < TOLERANCE))
          throw new Error(
            `${name}, ${nameOfNet(net)}, step ${done + 1}: expected a loss of ${losses[done]}, got ${loss}`,
          );
      }
    }
    rows.push({ work: nameOfNet(net), ...(await race(entrants, effort)) });
    for (const [, { dispose }] of entrants) dispose();
  }
  return rows;
}

/** Milliseconds of training until the first epoch that leaves 97 % of the test set right. */
export async function timeToAccuracy(field: Contestant[], data: Digits, rounds: number): Promise<Row[]> {
  const { net, train, test, perEpoch } = data;
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const { name, training } of field) {
      if (!training) continue;
      const entrant = await training(net, initial(net), train);
      let [total, right] = [0, 0];
      for (let epoch = 0; right < TARGET; epoch++) {
        if (epoch * perEpoch >= train.count) throw new Error(`${name}: ${right} of the digits after ${epoch} epochs`);
        total += (await entrant.steps(perEpoch)).ms;
        right = accuracy(await entrant.predict(test.x), test.labels);
      }
      entrant.dispose();
      (times[name] ??= []).push(total);
    }
  }
  const [[, us], ...others] = Object.entries(times) as [[string, number[]], ...[string, number[]][]];
  const peers = others.map(([name, theirs]) => [name, { ms: median(theirs), ratio: ratio(theirs, us) }]);
  return [{ work: DIGITS, ours: median(us), peers: Object.fromEntries(peers) }];
}
