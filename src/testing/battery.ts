import { checkKeys, rangeError, show, typeError } from "../check.js";
import { createEngine } from "../engine/create.js";
import { detect } from "../engine/detect.js";
import type { Engine } from "../engine/engine.js";
import type { EngineOptions } from "../engine/select.js";
import type { OptimizerFactory } from "../optim/core/ruleOptimizer.js";
import { firstDifference } from "./numbers.js";
import { reached, run } from "./parity.js";
import { snapshot, thrown, working } from "./refusals.js";
import { params, resumed, walk } from "./state.js";
import { descend, type SurfaceName, surfaces } from "./surfaces.js";
import type { AnyFactory, Hyper } from "./types.js";

/** One test, for any test framework: it passes unless `run` throws. */
export interface Case {
  readonly name: string;
  run(): Promise<void>;
}

/** What the battery has to know of an optimizer. */
export interface BatteryOptions<H> {
  /**
   * Sets of options, by name, that together reach every kernel of the rule, and every option that changes a kernel's
   * scalars. By default one set, the defaults.
   */
  readonly variants?: Readonly<Record<string, Partial<H>>>;
  /**
   * Settings with which it reaches the minimum of each surface, lr falling linearly to 0 (2,000 steps, 10,000 on
   * Rosenbrock's valley), or staying as it is with `constant`.
   */
  readonly descend: Readonly<Record<SurfaceName, Partial<H>>> & { readonly constant?: boolean };
  /** Settings that the rule is to refuse, each with the start of the message: `[{ lr: -1 }, "lr: expected"]`. */
  readonly refuses: readonly (readonly [hyper: Partial<H>, message: string])[];
  /** Whether its step has matrix products: relaxed SIMD rounds these otherwise, and is left out of parity. */
  readonly products?: boolean;
}

const KEYS = ["variants", "descend", "refuses", "products"];
const STRICT = { backend: "wasm", simd: "strict" } as const;
const JS = { backend: "js" } as const;

/** How far from the minimum a descent may end. */
const CLOSE = 5e-4;
/** Steps of a run that is resumed: past the 64th, at which tiny numbers of the state are set to 0. */
const STEPS = 100;

/**
 * The library's own battery, for an optimizer of yours: the cases of four kinds, to hand to any test framework.
 *
 * - **parity**: the backends of this host have the bits of the twin, for every variant, over 128 steps with special
 *   values, odd sizes, memory that grows, and every kind of parameter; and the variants reach every kernel.
 * - **state**: a run that is saved and resumed, on another engine, has the bits of one that never stopped; saved state is
 *   plain data of its own; disposed optimizers throw.
 * - **converge**: it reaches the minimum of three surfaces.
 * - **refusals**: what it should refuse throws a TypeError or a RangeError with the argument's name, and changes nothing.
 *
 * @param factory what `optimizer(rule)` returned
 * @throws TypeError or RangeError for bad arguments
 * @example
 * import { test } from "node:test";
 * for (const { name, run } of battery(heavyBall, { descend, refuses })) test(name, run);
 */
export function battery<H extends object, S extends object>(
  factory: OptimizerFactory<H, S>,
  options: BatteryOptions<H>,
): Case[] {
  if (typeof factory !== "function" || typeof factory.rule !== "object")
    throw typeError("factory", "what optimizer(rule) returned", factory);
  if (!("lr" in factory.rule.hyper)) throw rangeError("factory.rule.hyper", "a learning rate, lr", factory.rule.hyper);
  checkKeys("battery", options, KEYS);
  const { variants = { "": {} }, descend: settings, refuses, products = false } = options;
  if (typeof settings !== "object") throw typeError("descend", "settings for the three surfaces", settings);
  if (!Array.isArray(refuses)) throw typeError("refuses", "a list of [settings, message]", refuses);
  const any = factory as unknown as AnyFactory;
  const sets = Object.entries(variants) as [string, Hyper][];
  return [
    ...parityCases(any, sets, products),
    ...stateCases(any, sets),
    ...convergeCases(any, settings as BatteryOptions<Hyper>["descend"]),
    ...refusalCases(any, refuses as BatteryOptions<Hyper>["refuses"]),
  ];
}

function parityCases(factory: AnyFactory, sets: [string, Hyper][], products: boolean): Case[] {
  const compared: EngineOptions[] = detect()
    .variants.filter((simd) => simd === "strict" || !products)
    .map((simd) => ({ backend: "wasm", simd }));
  const cases = sets.flatMap(([title, hyper]) =>
    compared.map((options) => ({
      name: `parity: ${titled(title)} has the bits of the twin on wasm, ${options.simd} SIMD`,
      run: () =>
        withEngines([JS, options], ([js, wasm]) => {
          for (const clip of [false, true]) {
            const [want, got] = [run(js, factory, hyper, { clip }), run(wasm, factory, hyper, { clip })];
            const last = want.steps.at(-1)!;
            const moved = want.steps.some((values) => firstDifference([values], [last]) !== undefined);
            expect(moved, "parameters that move");
            same("parameters", got.steps, want.steps);
            same("slots", got.slots, want.slots);
            equal("scalars", got.scalars, want.scalars);
          }
        }),
    })),
  );
  const kernels = {
    name: "parity: the variants reach every kernel",
    run: () =>
      withEngines([JS], ([engine]) => {
        const found = new Set(sets.flatMap(([, hyper]) => [...reached(engine, factory, hyper)]));
        equal("kernels", [...found].sort(), Object.keys(factory.rule.kernels).sort());
      }),
  };
  return [kernels, ...cases];
}

function stateCases(factory: AnyFactory, sets: [string, Hyper][]): Case[] {
  const backends = detect().variants.length > 0 ? [JS, STRICT] : [JS];
  return sets.flatMap(([title, hyper]) =>
    backends.flatMap((options) => [
      ...[0, 1, 63].map((at) => ({
        name: `state: ${titled(title)} resumes after ${at} steps with the same bits, on ${options.backend}`,
        run: () =>
          withEngines([options, options], ([engine, other]) => {
            const { got, want } = resumed(engine, other, factory, hyper, at, STEPS);
            same("parameters", got.values, want.values);
            equal("state", got.state, want.state);
          }),
      })),
      {
        name: `state: ${titled(title)} saves data of its own, and refuses use once disposed, on ${options.backend}`,
        run: () =>
          withEngines([options], ([engine]) => {
            const tensors = params(engine);
            const opt = factory(tensors, hyper);
            walk(opt, tensors, 0, 3);
            const saved = opt.stateDict();
            const copy = structuredClone(saved);
            const bytes = engine.bytesInUse;
            walk(opt, tensors, 3, 6);
            equal("saved state", saved, copy);
            opt.dispose();
            expect(engine.bytesInUse <= bytes, "memory that is freed");
            for (const use of [() => opt.step(() => 0), () => opt.stateDict(), () => opt.loadStateDict(saved)])
              refused(thrown(use), `${factory.rule.name}: expected a live optimizer`);
          }),
      },
    ]),
  );
}

function convergeCases(factory: AnyFactory, settings: BatteryOptions<Hyper>["descend"]): Case[] {
  return Object.entries(surfaces).map(([name, surface]) => ({
    name: `converge: reaches the minimum of ${name}`,
    run: () =>
      withEngines([JS], ([engine]) => {
        const end = descend(engine, factory, surface, settings[name as SurfaceName], settings.constant);
        for (const [i, want] of surface.minimum.entries())
          expect(Math.abs(end[i] - want) < CLOSE, `x[${i}] near ${want}`, end[i]);
      }),
  }));
}

function refusalCases(factory: AnyFactory, given: BatteryOptions<Hyper>["refuses"]): Case[] {
  const unknown = [{ learningRate: 1 }, `${factory.rule.name}: expected options among`] as const;
  return [...given, unknown].map(([hyper, message]) => ({
    name: `refusals: ${Object.entries(hyper).map(([key, value]) => `${key} = ${show(value)}`)}`,
    run: () =>
      withEngines([JS], ([engine]) => {
        const [opt, tensors] = working(engine, factory);
        const fresh = engine.tensor(1);
        const before = snapshot(opt, tensors);
        refused(
          thrown(() => factory([fresh], hyper)),
          message,
        );
        refused(
          thrown(() => opt.addParamGroup({ params: [fresh], ...hyper })),
          message,
        );
        if (hyper !== unknown[0])
          refused(
            thrown(() => Object.assign(opt.groups[1], hyper)),
            message,
          );
        equal("the optimizer, once it has refused", snapshot(opt, tensors), before);
        opt.step(() => 0);
      }),
  }));
}

const titled = (title: string): string => (title === "" ? "the default" : `"${title}"`);

/** Engines for one case. */
async function withEngines(options: readonly EngineOptions[], body: (engines: Engine[]) => void): Promise<void> {
  const engines = await Promise.all(options.map(createEngine));
  try {
    body(engines);
  } finally {
    for (const engine of engines) engine.dispose();
  }
}

function expect(holds: boolean, what: string, got?: unknown): void {
  if (!holds) throw new Error(`expected ${what}${got === undefined ? "" : `, got ${show(got)}`}`);
}

function same(what: string, ...[got, want]: Parameters<typeof firstDifference>): void {
  const found = firstDifference(got, want);
  if (found !== undefined) throw new Error(`${what}: ${found}`);
}

/** Compares plain data. Arrays of numbers and NaN are told apart as JSON does not. */
function equal(what: string, got: unknown, want: unknown): void {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, part) => {
      if (typeof part === "number") return Object.is(part, -0) ? "-0" : String(part);
      return ArrayBuffer.isView(part) ? Array.from(part as Float32Array, String) : part;
    });
  const [a, b] = [text(got), text(want)];
  if (a !== b) throw new Error(`${what}: expected ${b.slice(0, 200)}, got ${a.slice(0, 200)}`);
}

function refused(error: Error | undefined, message: string): void {
  if (error === undefined) throw new Error(`expected "${message}…" to be thrown, got no error`);
  if (!(error instanceof TypeError || error instanceof RangeError) || !error.message.startsWith(message))
    throw new Error(`expected a TypeError or a RangeError "${message}…", got ${error.name}: ${error.message}`);
}
