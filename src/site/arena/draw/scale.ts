/** Axes: where a value is drawn, which values are marked, and how numbers are written. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
  /** From a value to a share of the axis, 0 to 1. */
  at(value: number): number;
  /** Back again. */
  value(share: number): number;
  readonly ticks: readonly { readonly value: number; readonly label: string }[];
}

export function linearScale(from: number, to: number, most = 6): Scale {
  const end = to > from ? to : from + 1;
  return {
    from,
    to: end,
    log: false,
    at: (value) => (value - from) / (end - from),
    value: (share) => from + share * (end - from),
    ticks: roundNumbers(from, end, most).map((value) => ({ value, label: short(value) })),
  };
}

/** Both ends must be > 0. */
export function logScale(from: number, to: number, most = 6): Scale {
  const [low, high] = [Math.log10(from), Math.log10(to > from ? to : from * 10)];
  const by = Math.max(1, Math.ceil((high - low) / most));
  const first = Math.ceil(low - 1e-9);
  const count = Math.max(0, Math.floor((high - first) / by + 1e-9) + 1);
  const decades = Array.from({ length: count }, (_, k) => first + k * by);
  return {
    from,
    to: 10 ** high,
    log: true,
    at: (value) => (Math.log10(Math.max(value, Number.MIN_VALUE)) - low) / (high - low),
    value: (share) => 10 ** (low + share * (high - low)),
    ticks: decades.map((k) => ({
      value: 10 ** k,
      label: k >= -3 && k < 5 ? String(Number((10 ** k).toPrecision(1))) : `1e${String(k).replace("-", "−")}`,
    })),
  };
}

/** At most so many round numbers from one end to the other. */
export function roundNumbers(from: number, to: number, most: number): number[] {
  const rough = (to - from) / Math.max(1, most);
  const unit = 10 ** Math.floor(Math.log10(rough));
  const by = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough * (1 - 1e-9)) ?? unit * 10;
  const first = Math.ceil(from / by - 1e-9);
  const count = Math.floor(to / by + 1e-9) - first + 1;
  return Array.from(
    { length: Math.max(0, Math.min(50, count)) },
    (_, k) => Number(((first + k) * by).toPrecision(10)) + 0,
  );
}

/** A number in few characters, with a minus sign; what is not finite in a word, never NaN. */
export function short(x: number, digits = 4): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "undefined" : x > 0 ? "∞" : "−∞";
  const size = Math.abs(x);
  const plain = size === 0 || (size >= 1e-4 && size < 1e6);
  const text = plain
    ? String(Number(x.toPrecision(digits)))
    : x
        .toExponential(Math.max(0, digits - 2))
        .replace("+", "")
        .replace(/\.?0+e/, "e");
  return text.replaceAll("-", "−");
}

export const pointText = ([x, y]: readonly number[]): string => `(${short(x)}, ${short(y)})`;
