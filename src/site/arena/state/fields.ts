/** What the address of a station may say: each field reads its text, or says what it expected. */

/** One field of the address. `read` throws a {@link FieldError} for a text that it does not know. */
export interface Field<T> {
  readonly initial: T;
  read(text: string): T;
  write(value: T): string;
}
// biome-ignore lint/suspicious/noExplicitAny: of any value
export type Fields = Readonly<Record<string, Field<any>>>;

/** What was expected and what came: shown where the field is. */
export class FieldError extends Error {}

/** A text as a message shows it: its beginning, without what would turn or break the line. */
export function shown(text: string, most = 24): string {
  const begin = [...text.slice(0, 2 * most)].slice(0, most).join("");
  return begin.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd") + (begin.length < text.length ? "…" : "");
}

const refuse = (expected: string, text: string): never => {
  throw new FieldError(`expected ${expected}, got ${text === "" ? "nothing" : `“${shown(text)}”`}`);
};

/** A number as people write it: a decimal comma is none, and neither is an empty text. */
export function readNumber(text: string): number {
  const plain = text.trim().replace("−", "-");
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : Number.NaN;
}

export interface NumberOptions {
  initial: number;
  min: number;
  max: number;
  /** The least itself is no value: rates are > 0. */
  above?: boolean;
}

const rangeOf = ({ min, max, above }: NumberOptions): string =>
  above ? `a number > ${min} and ≤ ${max}` : `a number from ${min} to ${max}`;

export function number(options: NumberOptions): Field<number> & NumberOptions {
  const { min, max, above } = options;
  return {
    ...options,
    read(text) {
      const value = readNumber(text);
      const low = above ? value > min : value >= min;
      return low && value <= max ? value : refuse(rangeOf(options), text);
    },
    write: (value) => String(Number(value.toPrecision(12))),
  };
}

export function whole(options: Omit<NumberOptions, "above">): Field<number> & NumberOptions {
  const { min, max } = options;
  return {
    ...options,
    read(text) {
      const value = readNumber(text);
      return Number.isInteger(value) && value >= min && value <= max
        ? value
        : refuse(`a whole number from ${min} to ${max}`, text);
    },
    write: String,
  };
}

export function choice<T extends string>(
  options: readonly T[],
  initial: T,
): Field<T> & { readonly options: readonly T[] } {
  return {
    options,
    initial,
    read(text) {
      const found = options.find((each) => each.toLowerCase() === text.trim().toLowerCase());
      return found ?? refuse(options.length > 12 ? "a known name" : `one of ${options.join(", ")}`, text);
    },
    write: String,
  };
}

/** Names between commas, each once. */
export function names<T extends string>(
  options: readonly T[],
  initial: readonly T[],
  most: number,
): Field<readonly T[]> & { readonly options: readonly T[]; readonly most: number } {
  return {
    options,
    initial,
    most,
    read(text) {
      const found = text.split(",").map((word) => {
        const name = options.find((each) => each.toLowerCase() === word.trim().toLowerCase());
        return name ?? refuse("known names between commas", word);
      });
      if (new Set(found).size < found.length) refuse("each name once", text);
      return found.length <= most ? found : refuse(`at most ${most} names`, `${found.length}`);
    },
    write: (value) => value.join(","),
  };
}

/** Numbers between commas; whole ones are counts, from 1 on. */
export function numbers(
  initial: readonly number[],
  { least, most, size, whole = false }: { least: number; most: number; size: number; whole?: boolean },
): Field<readonly number[]> {
  const range = whole ? `whole numbers from 1 to ${size}` : `numbers from −${size} to ${size}`;
  const within = (value: number): boolean =>
    whole ? Number.isInteger(value) && value >= 1 && value <= size : Math.abs(value) <= size;
  return {
    initial,
    read(text) {
      const found = text
        .split(/[,\s]+/)
        .filter(Boolean)
        .map((word) => {
          const value = readNumber(word);
          return within(value) ? value : refuse(`${range} between commas`, word);
        });
      return found.length >= least && found.length <= most
        ? found
        : refuse(`${least} to ${most} numbers between commas`, `${found.length}`);
    },
    write: (value) => value.join(","),
  };
}

/** A point of the plane, or undefined for the station's own. */
export const point: Field<readonly [number, number] | undefined> = {
  initial: undefined,
  read(text) {
    const [x, y, ...rest] = text.split(",").map(readNumber);
    return rest.length === 0 && Math.abs(x) <= 100 && Math.abs(y) <= 100
      ? [x, y]
      : refuse("two numbers within ±100, as in -4,2", text);
  },
  write: (value) => (value === undefined ? "" : value.map((each) => String(Number(each.toPrecision(6)))).join(",")),
};

export function flag(initial: boolean): Field<boolean> {
  return {
    initial,
    read: (text) => (text === "1" ? true : text === "0" ? false : refuse("1 or 0", text)),
    write: (value) => (value ? "1" : "0"),
  };
}
