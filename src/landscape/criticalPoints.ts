import { argumentError, rangeError } from "../check.js";
import { greatest, least } from "../math/extremes.js";
import { apart, type Classified, classifyCritical, cuspAt } from "./classify.js";
import { type Bounds, Contractor } from "./contract.js";
import { Enclosure } from "./enclose.js";
import { checkLandscape, type Landscape } from "./landscape.js";
import { type Refined, refine, width } from "./refine.js";

/** Boxes that the search may look at: ackley's domain, with the most points in the table, takes a quarter of them. */
const MOST_BOXES = 4_000_000;
/** A box this small, as a share of the domain's width, that still may hold a zero holds one that is degenerate, or a cusp. */
const SMALLEST = 1e-7;
/** Zeros nearer to each other than this, as a share of the domain's width, are one. */
const SAME = 1e-9;
/** Where a box is cut: off the middle, where symmetric surfaces have their points. */
const CUT = 0.4871;

/**
 * All critical points of a surface in its domain, borders included, by value.
 *
 * The domain is cut into boxes. Interval arithmetic bounds the gradient over each: a box whose bounds leave out 0 has no
 * critical point, and one that the interval Newton method maps into itself has exactly one (Moore, Kearfott & Cloud,
 * Introduction to interval analysis, 2009, chapter 8). So none is missed and none is made up, to within rounding. What stays undecided down to 1e-7 of the
 * domain is a degenerate point or a cusp.
 *
 * Takes surfaces of one or two variables, and throws a RangeError for more: the boxes of a search grow with their number as
 * its power. There `classify` tells what a point is. The time grows with the number of points: ackley's 16,641 take some 3 s, levy13's
 * 3,653 some 1.5 s, rastrigin's 441 and goldsteinPrice's 9 half a second, the others less (one core, Node 20).
 *
 * @example
 * criticalPoints(landscapes.himmelblau).filter(({ kind }) => kind === "saddle"); // four
 */
export function criticalPoints(landscape: Landscape): Classified[] {
  checkLandscape(landscape);
  const { dims, domain } = landscape;
  if (dims > 2)
    throw argumentError(
      "landscape",
      `expected a surface of one or two variables, which are searched, got one of ${dims}`,
    );
  checkDomain(landscape);
  const contractor = new Contractor(new Enclosure(landscape.evaluator.graph));
  const unit = width(landscape);
  const found = new Known(unit * SAME * 4);
  const undecided: Bounds[] = [];
  const open: Bounds[] = [
    { lo: Float64Array.from(domain, ([from]) => from), hi: Float64Array.from(domain, ([, to]) => to) },
  ];
  for (let count = 0; open.length > 0; count++) {
    if (count > MOST_BOXES)
      throw new Error(`landscape: expected critical points that ${MOST_BOXES} boxes tell apart, got a larger domain`);
    const result = contractor.contracted(open.pop()!);
    if (result === undefined) continue;
    const { box, unique } = result;
    const side = widest(box);
    const size = box.hi[side] - box.lo[side];
    if (unique) {
      const point = refine(landscape, middle(box), 10 * size * Math.sqrt(dims));
      if (point) {
        if (isInside(point.point, landscape)) found.add(point);
        continue;
      }
    }
    if (size <= SMALLEST * unit) undecided.push(box);
    else {
      const [left, right] = halves(box, side);
      open.push(left, right);
    }
  }
  return [...found.all.map((each) => classifyCritical(landscape, each)), ...decided(landscape, undecided, found)].sort(
    (a, b) => a.value - b.value || byCoordinates(a.point, b.point),
  );
}

/** A caller may have given it another domain. */
function checkDomain({ dims, domain }: Landscape): void {
  if (domain.length !== dims)
    throw argumentError("landscape.domain", `expected ${dims} intervals [from, to], got ${domain.length}`);
  for (const [i, interval] of domain.entries()) {
    const [from, to] = interval;
    if (!(Number.isFinite(from) && Number.isFinite(to) && from < to))
      throw rangeError(`landscape.domain[${i}]`, "an interval [from, to] of finite numbers", interval);
  }
}

/** Degenerate points and cusps: each is the middle of boxes that touch each other. */
function decided(landscape: Landscape, boxes: Bounds[], found: Known): Classified[] {
  const reach = 100 * SMALLEST * width(landscape);
  const cusps = landscape.cusps.filter((cusp) => boxes.some((box) => apart(middle(box), cusp) < reach));
  const left = boxes.filter((box) => !cusps.some((cusp) => apart(middle(box), cusp) < reach));
  const clusters: Bounds[][] = [];
  for (const box of left) {
    const near = clusters.find((cluster) => cluster.some((other) => apart(middle(box), middle(other)) < reach));
    if (near) near.push(box);
    else clusters.push([box]);
  }
  const degenerate = clusters.flatMap((cluster) => {
    const centre = Array.from(cluster[0].lo, (_, i) => {
      const from = least(cluster.map(({ lo }) => lo[i]));
      const to = greatest(cluster.map(({ hi }) => hi[i]));
      return (from + to) / 2;
    });
    const point = refine(landscape, centre, reach);
    return point && isInside(point.point, landscape) && !found.has(point.point) ? [point] : [];
  });
  return [
    ...cusps.map((cusp) => cuspAt(landscape, cusp)),
    ...degenerate.map((point) => classifyCritical(landscape, point)),
  ];
}

/** The points found, by the cell of a grid that they lie in: thousands are looked up without comparing each with all. */
class Known {
  readonly all: Refined[] = [];
  readonly #cell: number;
  readonly #cells = new Map<string, Refined>();
  constructor(cell: number) {
    this.#cell = cell;
  }
  /** Whether one is there, in the cell of the point or a neighbour. */
  has(point: readonly number[]): boolean {
    const near = (at: number, key: string): boolean => {
      if (at === point.length) return this.#cells.has(key);
      const cell = Math.round(point[at] / this.#cell);
      return [0, -1, 1].some((by) => near(at + 1, `${key},${cell + by}`));
    };
    return near(0, "");
  }
  add(refined: Refined): void {
    if (this.has(refined.point)) return;
    this.all.push(refined);
    this.#cells.set(refined.point.map((each) => `,${Math.round(each / this.#cell)}`).join(""), refined);
  }
}

const middle = ({ lo, hi }: Bounds): number[] => Array.from(lo, (from, i) => (from + hi[i]) / 2);

function widest({ lo, hi }: Bounds): number {
  let side = 0;
  for (let i = 1; i < lo.length; i++) if (hi[i] - lo[i] > hi[side] - lo[side]) side = i;
  return side;
}

function halves({ lo, hi }: Bounds, side: number): [Bounds, Bounds] {
  const at = lo[side] + CUT * (hi[side] - lo[side]);
  const left = { lo, hi: hi.slice() };
  const right = { lo: lo.slice(), hi };
  left.hi[side] = at;
  right.lo[side] = at;
  return [left, right];
}

/** Whether a point lies in the domain, but for rounding. */
const isInside = (point: readonly number[], landscape: Landscape): boolean => {
  const slack = 1e-12 * width(landscape);
  return landscape.domain.every(([from, to], i) => point[i] >= from - slack && point[i] <= to + slack);
};

function byCoordinates(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((each, j) => each !== b[j]);
  return i < 0 ? 0 : a[i] - b[i];
}
