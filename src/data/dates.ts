import type { DateFormat } from "./dateParts.js";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MONTH =
  "(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?";
/** Hours, minutes, seconds, half of the day. A zone may follow; the clock of the table counts, so it is not added. */
const CLOCK =
  "(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,]\\d+)?)?(?: ?([ap])\\.?m\\.?)?(?: ?(?:z|utc|gmt|[+-]\\d{2}:?\\d{2}))?";
const expression = (date: string) => new RegExp(`^${date}(?:(?:t|,? +)${CLOCK})?$`, "i");

const ISO = expression("(\\d{4})([-/.])(\\d{1,2})(?:\\2(\\d{1,2}))?");
const TIME_OF_DAY = new RegExp(`^${CLOCK}$`, "i");
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)?z?)?$/i;
const WEEKDAY = "(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? +)?";
const MONTH_FIRST = expression(`${WEEKDAY}${MONTH}[ -](?:(\\d{1,2})(?:st|nd|rd|th)?(?:, ?|[ -]))?(\\d{4})`);
const DAY_FIRST = expression(`${WEEKDAY}(\\d{1,2})(?:st|nd|rd|th)?[ -]${MONTH},?[ -](\\d{4}|\\d{2})`);
const NUMERIC = expression("(\\d{1,2})([/.-])(\\d{1,2})\\2(\\d{4}|\\d{2})");

/** No date that a person writes is longer. */
const LONGEST = 50;

/**
 * Reads a date, and the time of day if there is one; of the format "time of day", a time alone.
 *
 * @returns seconds since 1970 by the calendar and clock of the table, whatever its zone; NaN for any other text
 */
export function dateIn(cell: string, format: DateFormat): number {
  if (cell.length > LONGEST || !/\d/.test(cell)) return Number.NaN;
  if (format === "iso") {
    const [all, year, sign, month, day, ...clock] = ISO.exec(cell) ?? [];
    // 2020-05 is a month; 2020/5 and 2020.5 are other things.
    return all === undefined || (day === undefined && sign !== "-")
      ? Number.NaN
      : moment(year, month, day ?? "1", clock);
  }
  if (format === "time of day") {
    const [all, ...clock] = TIME_OF_DAY.exec(cell) ?? [];
    return all === undefined ? Number.NaN : moment("1970", "1", "1", clock);
  }
  if (format === "compact") {
    const [all, year, month, day, ...clock] = COMPACT.exec(cell) ?? [];
    return all === undefined ? Number.NaN : moment(year, month, day, clock);
  }
  if (format === "month name") {
    const [first, name, date, of, ...at] = MONTH_FIRST.exec(cell) ?? [];
    if (first !== undefined) return moment(of, monthOf(name), date ?? "1", at);
    const [all, day, month, year, ...clock] = DAY_FIRST.exec(cell) ?? [];
    return all === undefined ? Number.NaN : moment(year, monthOf(month), day, clock);
  }
  const [all, one, sign, two, year, ...clock] = NUMERIC.exec(cell) ?? [];
  if (all === undefined) return Number.NaN;
  if (format === "day/month/year") return moment(year, two, one, clock);
  // Nobody writes months first with points between.
  return sign === "." ? Number.NaN : moment(year, one, two, clock);
}

const monthOf = (name: string): string => `${MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1}`;

/** Seconds since 1970; NaN for a day or a time that does not exist. */
function moment(year: string, month: string, day: string, clock: readonly (string | undefined)[]): number {
  // Two digits as POSIX reads them: 69 to 99 are of the 20th century.
  const y = year.length === 4 ? Number(year) : Number(year) + (Number(year) < 69 ? 2000 : 1900);
  const date = new Date(0);
  date.setUTCFullYear(y, Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return Number.NaN;
  const [hour = "0", minute = "0", second = "0", half] = clock;
  let h = Number(hour);
  if (half !== undefined) {
    if (h < 1 || h > 12) return Number.NaN;
    h = (h % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  }
  if (h > 24 || Number(minute) > 59 || Number(second) > 60) return Number.NaN;
  return date.getTime() / 1000 + h * 3600 + Number(minute) * 60 + Number(second);
}
