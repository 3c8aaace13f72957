import type { Ref } from "../../engine/backend.js";
import type { EngineCore } from "../../engine/core.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Member } from "./rule.js";

/**
 * A run of parameters that are neighbours in memory, with gradients and slots that are neighbours in the same order: one
 * kernel call updates all of them.
 */
export interface Span {
  /** Elements, padding included. */
  n: number;
  p: Ref;
  g: Ref;
  slots: Ref[];
}

/** Whether tensor b directly follows tensor a in one allocation. */
export const adjoins = ({ place: a }: Tensor, { place: b }: Tensor): boolean =>
  a.base !== undefined && a.base === b.base && b.offset === a.offset! + a.length;

/** Cuts a list into its longest runs of neighbours. */
export function runsOf<T>(items: readonly T[], follows: (a: T, b: T) => boolean): T[][] {
  const runs: T[][] = [];
  for (const [i, item] of items.entries()) {
    if (i > 0 && follows(items[i - 1]!, item)) runs[runs.length - 1].push(item);
    else runs.push([item]);
  }
  return runs;
}

/** The elements of a run of tensors, padding included. */
export const extent = (tensors: readonly Tensor[]): number =>
  tensors.reduce((total, { place }) => total + place.length, 0);

/** The memory of a run of neighbours, which starts at the first of them. */
export function stretch(engine: EngineCore, run: readonly Tensor[]): Ref {
  const [{ place }] = run as [Tensor];
  return run.length === 1 ? place.ref : engine.implementation.at(place.base!, place.offset!, extent(run));
}

/** The kernel calls of a pass over these parameters: one for each run of neighbours. */
export function spansOf(engine: EngineCore, members: readonly Member[]): Span[] {
  return runsOf(members, follows).map((run) => {
    const [first] = run as [Member];
    const n = extent(run.map(({ p }) => p));
    const slots = Object.keys(first.slots).map((name) =>
      stretch(
        engine,
        run.map((member) => member.slots[name]),
      ),
    );
    if (run.length === 1) return { n, p: first.p.ref, g: first.g.ref, slots };
    return { n, ...first.p.place.slab!.stretch(first.p.place.offset!, n), slots };
  });
}

function follows(a: Member, b: Member): boolean {
  if (a.p.place.slab === undefined || !adjoins(a.p, b.p)) return false;
  const names = Object.keys(a.slots);
  return (
    names.join() === Object.keys(b.slots).join() &&
    names.every((name) => parallel(a, name) && parallel(b, name) && adjoins(a.slots[name], b.slots[name]))
  );
}

/** Whether a slot has the memory layout of its parameter. */
const parallel = ({ p, slots }: Member, name: string): boolean => slots[name].place.length === p.place.length;
