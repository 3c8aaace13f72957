/** One contest, section by section: in Node (main.ts) and in a page (page.ts). */
import type { Effort } from "../harness.js";
import type { Contest, Section } from "../peerTables.js";
import { optimizers, type Proof, products, timeToAccuracy, trainings } from "./contest.js";
import type { Contestant } from "./contestant.js";
import { DIGITS, type DigitsFiles, digits } from "./digits.js";
import { NETS, nameOf, nameOfNet, nameOfStep, PRODUCTS, productFlops, RULES, type Rule } from "./work.js";

/** A peer by name, made when its turn comes: what it fails with is the reason of its absence. */
export type Rival = [name: string, enter: () => Promise<Contestant>];

export interface Setting {
  threads: number;
  library: Contestant & { threads: number; simd: string };
  rivals: readonly Rival[];
  digits(): Promise<DigitsFiles>;
  say(progress: string): void;
}

export interface ContestOptions {
  /** Fewer rounds. */
  quick?: boolean | undefined;
  /** One section alone. */
  only?: string | undefined;
  /** Of the rows those whose name this regular expression matches. */
  work?: string | undefined;
}

export const effort = ({ quick }: ContestOptions): Effort =>
  quick ? { rounds: 5, time: 20, limit: 400 } : { rounds: 15, time: 60, limit: 5000 };
const proof = ({ quick }: ContestOptions): Proof =>
  quick ? { steps: 100, patience: 2000 } : { steps: 1000, patience: 30_000 };

export async function contest(
  { threads, library, rivals, digits: files, say }: Setting,
  options: ContestOptions,
): Promise<Contest> {
  const alone = threads === 1;
  const named = new RegExp(options.work ?? "");
  const absent: string[] = [];
  const field: Contestant[] = [library];
  for (const [name, enter] of rivals) {
    try {
      field.push(await enter());
    } catch (error) {
      absent.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  const sections: Contest["sections"] = {};
  const begins = (section: Section, what: string): boolean => {
    if (options.only !== undefined && options.only !== section) return false;
    say(`${threads} thread${alone ? "" : "s"}: ${what}`);
    return true;
  };
  if (begins("products", "products")) {
    // Work too small for two threads is no contest of threads.
    const shapes = PRODUCTS.filter((shape) => (alone || productFlops(shape) > 1e7) && named.test(nameOf(shape)));
    sections.products = await products(field, shapes, effort(options));
  }
  if (begins("optimizers", "optimizer steps")) {
    const work = steps(alone).filter(([rule, n]) => named.test(nameOfStep(rule, n)));
    sections.optimizers = await optimizers(field, work, effort(options));
  }
  if (begins("training", "training steps")) {
    const nets = NETS.filter((net) => named.test(nameOfNet(net)));
    sections.training = await trainings(field, nets, proof(options), effort(options));
  }
  if (alone && named.test(DIGITS) && begins("digits", "time to accuracy")) {
    sections.digits = await timeToAccuracy(field, digits(await files()), options.quick ? 1 : 3);
  }
  for (const { close } of field) close?.();
  return { threads, ours: { threads: library.threads, simd: library.simd }, absent, sections };
}

/** SGD and Adam at every size, the others at one. */
function steps(alone: boolean): [Rule, number][] {
  const sizes = alone ? [1024, 2 ** 16, 2 ** 20, 2 ** 24] : [2 ** 20, 2 ** 24];
  return RULES.flatMap((rule) =>
    (rule === "sgd" || rule === "adam" ? sizes : [2 ** 20]).map((n): [Rule, number] => [rule, n]),
  );
}
