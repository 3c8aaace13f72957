import { checkBoolean, checkKeys, checkOneOf, rangeError } from "../../check.js";
import type { Schedule } from "../../schedule/schedule.js";
import { hasState, type ScheduleState } from "../../schedule/scheduleState.js";
import type { Rule, Scheduled } from "./rule.js";

/** Hyperparameters that every optimizer has besides its rule's. */
export interface Common {
  /** Ascend: negate the gradient before everything else, weight decay included. Default false. */
  maximize: boolean;
  /**
   * When the gradient of a parameter, scaled and clipped, is NaN or infinite, or so large that its squares overflow f32 (a norm
   * of 2^64, 1.8e19, or more): "propagate" it, "skip" the whole step (parameters, state and schedules stay as they are, and
   * `opt.skippedSteps` counts it), or "throw" and change nothing. Gradients are checked before the step, parameters are not
   * checked after it: many steps along smaller ones can still leave the range of f32. Default "propagate".
   */
  onNonFinite: "propagate" | "skip" | "throw";
  /** Subtract from the gradient of each output unit's weights its mean: see `centralizeGrads`. Default false. */
  centralize: boolean;
}

const ON_NON_FINITE = ["propagate", "skip", "throw"] as const;
const COMMON: Common = { maximize: false, onNonFinite: "propagate", centralize: false };

type Values = Record<string, unknown>;

/**
 * The hyperparameters of one group in two forms: as given, schedules included, and as plain numbers at the present step.
 * Nothing changes unless the whole set passes the rule's check. `ahead` and `advance` run at every step, hence their loops
 * by index (the reason is in RuleOptimizer.step).
 */
export class Hyperparameters<H extends object, S extends object> {
  /** The numbers of the present step. */
  readonly now: H & Common;
  /** How often they have been set. */
  changes = 0;
  /** The numbers of the step to come. One object for all steps: a new one each time is 1,200 bytes of garbage. */
  #next: Values;
  readonly #rule: Rule<H, S>;
  #given: Values;
  #scheduled: string[];

  constructor(rule: Rule<H, S>, given: Partial<Scheduled<H> & Common>) {
    this.#rule = rule;
    this.#given = this.#merged(given);
    this.#scheduled = scheduledKeys(this.#given);
    this.#next = resolve(this.#given, 0);
    this.now = clone(this.#next) as H & Common;
    this.#check(this.now);
  }

  get keys(): string[] {
    return Object.keys(this.#given);
  }

  /** Sets new values, schedules included, from the given step (counted from 0) on. */
  set(values: Partial<Scheduled<H> & Common>, step: number): void {
    const given = this.#merged(values);
    const now = resolve(given, step);
    this.#check(now);
    this.#given = given;
    this.#next = now;
    this.#scheduled = scheduledKeys(given);
    Object.assign(this.now, clone(now));
    this.changes++;
  }

  /** Evaluates the schedules at a step and checks the values. Nothing changes until {@link advance}. */
  ahead(step: number): void {
    const keys = this.#scheduled;
    if (keys.length === 0) return;
    for (let i = 0; i < keys.length; i++) this.#next[keys[i]] = at(this.#given[keys[i]], step, keys[i]);
    this.#check(this.#next);
  }

  /** Adopts the values that {@link ahead} evaluated. */
  advance(): void {
    const keys = this.#scheduled;
    const now = this.now as Values;
    for (let i = 0; i < keys.length; i++) now[keys[i]] = this.#next[keys[i]];
  }

  /** The schedules that have state, by the name of their hyperparameter: "lr", "betas[0]". */
  statefulSchedules(): [name: string, schedule: ScheduleState][] {
    return this.#scheduled.flatMap((key) => {
      const value = this.#given[key];
      const parts = Array.isArray(value)
        ? value.map((part, i) => [`${key}[${i}]`, part] as const)
        : [[key, value] as const];
      return parts.flatMap(([name, part]): [string, ScheduleState][] => (hasState(part) ? [[name, part]] : []));
    });
  }

  /** As `now`, but with NaN for every number on a schedule. */
  forSlots(): H {
    return resolve(this.#given, Number.NaN) as H;
  }

  /**
   * Checks saved values, changing nothing: what to `set` (a hyperparameter on a schedule stays on it), the values `now`
   * that result, and those `forSlots` that the slots are made for.
   */
  restored(values: Values, step: number): { set: Partial<Scheduled<H> & Common>; now: H; forSlots: H } {
    const set = Object.fromEntries(Object.entries(values).filter(([key]) => !this.#scheduled.includes(key)));
    const merged = this.#merged(set);
    const now = resolve(merged, step);
    this.#check(now);
    return { set: set as Partial<Scheduled<H> & Common>, now: now as H, forSlots: resolve(merged, Number.NaN) as H };
  }

  #merged(given: Values): Values {
    const defaults = { ...this.#rule.hyper, ...COMMON };
    checkKeys(this.#rule.name, given, Object.keys(defaults));
    const merged: Values = { ...defaults, ...this.#given };
    for (const [key, value] of Object.entries(given)) if (value !== undefined) merged[key] = value;
    return merged;
  }

  #check(h: object): void {
    const { maximize, onNonFinite, centralize } = h as Common;
    checkBoolean("maximize", maximize);
    checkBoolean("centralize", centralize);
    checkOneOf("onNonFinite", onNonFinite, ON_NON_FINITE);
    if (this.#rule.closure === "required") {
      const why = `with ${this.#rule.name}, which takes gradients at several points`;
      if (onNonFinite !== "propagate") throw rangeError("onNonFinite", `"propagate" ${why}`, onNonFinite);
      if (centralize) throw rangeError("centralize", `false ${why}`, centralize);
    }
    this.#rule.check(h as H);
  }
}

const isSchedule = (value: unknown): value is Schedule => typeof value === "function";
const isScheduled = (value: unknown): boolean => isSchedule(value) || (Array.isArray(value) && value.some(isSchedule));
const scheduledKeys = (given: Values): string[] => Object.keys(given).filter((key) => isScheduled(given[key]));
const resolve = (given: Values, step: number): Values =>
  Object.fromEntries(Object.entries(given).map(([key, value]) => [key, at(value, step, key)]));
const clone = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Array.isArray(value) ? [...value] : value]));

/** A value at a step; step NaN means any step and gives NaN. */
function at(value: unknown, step: number, key: string): unknown {
  if (Array.isArray(value)) return value.map((part) => at(part, step, key));
  if (!isSchedule(value)) return value;
  if (Number.isNaN(step)) return Number.NaN;
  const number = value(step);
  if (typeof number !== "number" || !Number.isFinite(number)) {
    throw rangeError(`${key} at step ${step}`, "a finite number from the schedule", number);
  }
  return number;
}
