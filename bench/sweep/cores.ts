/**
 * Two threads against one, beside what the machine gives at most: two processes at once that have nothing to do with each
 * other, each with all of the plan on one thread.
 */
import { digitsPlan, type Ran, run, writeDigits, writePlan } from "./scene.js";

/** Short trials, some of them and many; longer ones. */
const PLANS: readonly (readonly [epochs: number, trials: number])[] = [
  [15, 64],
  [15, 256],
  [60, 64],
];
/** Each is taken so often, in turns, and the least counts: other programs only add to it. */
const TURNS = 2;

export async function benchCores(print: (line: string) => void): Promise<void> {
  writeDigits();
  print(
    "\n| trials × epochs | 1 thread, s | 2 threads, s | faster | two processes, s | faster at most | processor s on 1 | on 2 | of both processes |\n| - | - | - | - | - | - | - | - | - |",
  );
  for (const [epochs, trials] of PLANS) {
    writePlan("cores.json", digitsPlan(epochs, { kind: "random", trials }));
    const on = (workers: number) => run("sweep", "cores.json", "--workers", `${workers}`);
    const turns: { one: Ran; two: Ran; both: Ran }[] = [];
    for (let turn = 0; turn < TURNS; turn++) {
      const [one, two] = [await on(1), await on(2)];
      const [a, b] = await Promise.all([on(1), on(1)]);
      turns.push({ one, two, both: { ...a, seconds: Math.max(a.seconds, b.seconds), cpu: a.cpu + b.cpu } });
    }
    const least = (of: (turn: (typeof turns)[number]) => number) => turns.map(of).reduce((x, y) => Math.min(x, y));
    const [one, two, both] = (["one", "two", "both"] as const).map((way) => ({
      seconds: least((turn) => turn[way].seconds),
      cpu: least((turn) => turn[way].cpu),
    }));
    const cells = [
      ...[one!.seconds.toFixed(1), two!.seconds.toFixed(1), `${(one!.seconds / two!.seconds).toFixed(2)}×`],
      ...[both!.seconds.toFixed(1), `${((2 * one!.seconds) / both!.seconds).toFixed(2)}×`],
      ...[one!, two!, both!].map(({ cpu }) => cpu.toFixed(1)),
    ];
    print(`| ${trials} × ${epochs} | ${cells.join(" | ")} |`);
  }
}
