/** The values of a station's fields as signals, and what was wrong with the address or an entry, by field. */
import { batch, type Signal, signal } from "@preact/signals-core";
import type { Address } from "./address.js";
import { type Field, FieldError, type Fields, shown } from "./fields.js";

/** No field is longer: a text that is, is not looked at. */
const MOST_TEXT = 4000;
/** Unknown fields that are named one by one. */
const MOST_NAMED = 4;

export type Signals<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? Signal<T> : never };

export class Values<F extends Fields> {
  readonly fields: F;
  readonly at: Signals<F>;
  /** What was wrong, by the name of the field: shown beside it until the field is set. */
  readonly problems: Signal<Readonly<Record<string, string>>> = signal({});
  /** Fields whose controls are on the page and say what is wrong by themselves. */
  readonly drawn = new Set<string>();

  constructor(fields: F) {
    this.fields = fields;
    this.at = Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, signal(field.initial)]),
    ) as Signals<F>;
  }

  /** Sets one field, and takes back what was said of it. */
  set<K extends keyof F & string>(name: K, value: Signals<F>[K]["value"]): void {
    batch(() => {
      this.at[name].value = value;
      this.problem(name, undefined);
    });
  }

  /** Reads the text of one field; keeps the value and says why where it is none. */
  enter<K extends keyof F & string>(name: K, text: string): boolean {
    try {
      if (text.length > MOST_TEXT) throw new FieldError(`expected at most ${MOST_TEXT} characters, got ${text.length}`);
      this.set(name, this.fields[name].read(text));
      return true;
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      this.problem(name, `${error.message}; kept ${this.fields[name].write(this.at[name].peek()) || "the default"}`);
      return false;
    }
  }

  problem(name: string, text: string | undefined): void {
    const { [name]: _, ...rest } = this.problems.peek();
    if (text === undefined && _ === undefined) return;
    this.problems.value = text === undefined ? rest : { ...rest, [name]: text };
  }

  /** Sets all fields from those of an address: what it leaves out is as at first, what is wrong is named and the rest kept. */
  read({ pairs, repeated = [] }: Pick<Address, "pairs" | "repeated">): void {
    batch(() => {
      this.problems.value = {};
      for (const [name, field] of Object.entries(this.fields)) {
        (this.at[name] as Signal<unknown>).value = field.initial;
        const text = pairs.get(name);
        if (text !== undefined) this.enter(name, text);
      }
      for (const name of new Set(repeated))
        if (Object.hasOwn(this.fields, name) && !Object.hasOwn(this.problems.peek(), name))
          this.problem(name, "is there more than once; the last is read");
      const unknown = [...pairs.keys()].filter((name) => !Object.hasOwn(this.fields, name));
      for (const name of unknown.slice(0, MOST_NAMED))
        this.problem(shown(name), "is no field of this station; left out");
      const more = unknown.length - MOST_NAMED;
      if (more > 0) this.problem(`${more} more`, "no fields of this station either; left out");
    });
  }

  /** The fields that differ from what they are at first, as the address has them. `always` are written anyway. */
  write(always: readonly string[] = ["seed"]): [string, string][] {
    return Object.entries(this.fields).flatMap(([name, field]): [string, string][] => {
      const text = field.write(this.at[name].value);
      const standard = text === field.write(field.initial);
      return standard && !always.includes(name) ? [] : [[name, text]];
    });
  }
}
