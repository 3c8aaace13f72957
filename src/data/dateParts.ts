import { sinPi } from "../math/f64.js";

/** How a column writes its dates. A time of day is one of 1 January 1970, of which `hour` alone says something. */
export const DATE_FORMATS = [
  "iso",
  "compact",
  "month name",
  "month/day/year",
  "day/month/year",
  "time of day",
] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** The inputs of each part of a date, by name. */
export const DATE_INPUTS = {
  /** Days since 1970, with their fraction. */
  time: ["time"],
  year: ["year"],
  month: ["month.sin", "month.cos"],
  /** Of the month. */
  day: ["day"],
  dayOfYear: ["dayOfYear.sin", "dayOfYear.cos"],
  weekday: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
  hour: ["hour.sin", "hour.cos"],
} as const satisfies Record<string, readonly string[]>;

export type DatePart = keyof typeof DATE_INPUTS;
export const DATE_PARTS = Object.keys(DATE_INPUTS) as readonly DatePart[];

const DAY = 86_400;

/**
 * The values of one part of a date, before scaling: a number for `time`, `year` and `day`; the sine and cosine of a circle
 * for `month`, `dayOfYear` and `hour`; seven numbers, one of them 1, for `weekday`.
 *
 * @param seconds since 1970, by the calendar and clock of the table
 */
export function partOf(seconds: number, part: DatePart): number[] {
  const days = Math.floor(seconds / DAY);
  if (part === "time") return [seconds / DAY];
  if (part === "hour") return circle((seconds - days * DAY) / DAY);
  // 1 January 1970 was a Thursday.
  if (part === "weekday") return DATE_INPUTS.weekday.map((_, i) => (i === (((days + 3) % 7) + 7) % 7 ? 1 : 0));
  const date = new Date(days * DAY * 1000);
  const year = date.getUTCFullYear();
  if (part === "year") return [year];
  if (part === "month") return circle(date.getUTCMonth() / 12);
  if (part === "day") return [date.getUTCDate()];
  const first = Date.UTC(year, 0) / 1000 / DAY;
  const length = Date.UTC(year + 1, 0) / 1000 / DAY - first;
  return circle((days - first) / length);
}

/** Whether a part is a number on a line, which is standardised. */
export const isScaled = (part: DatePart): boolean => DATE_INPUTS[part].length === 1;

const circle = (turns: number): number[] => [sinPi(2 * turns), sinPi(2 * turns + 0.5)];
