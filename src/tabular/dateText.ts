import type { DateFormat } from "../data/dateParts.js";

const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** A date in the format of a column; `iso` is 2024-05-01, or 2024-05-01T10:30 and more. */
export function dateText(format: DateFormat, iso: string): string {
  const [, year, month, day, clock] = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d(?::\d\d)?))?/.exec(iso) ?? [];
  if (day === undefined) return iso;
  const time = clock === undefined ? "" : ` ${clock}`;
  if (format === "time of day") return clock ?? "00:00";
  if (format === "compact") return `${year}${month}${day}${clock === undefined ? "" : `T${clock.replaceAll(":", "")}`}`;
  if (format === "month name") return `${MONTHS[Number(month) - 1]} ${Number(day)}, ${year}${time}`;
  if (format === "month/day/year") return `${month}/${day}/${year}${time}`;
  if (format === "day/month/year") return `${day}/${month}/${year}${time}`;
  return `${year}-${month}-${day}${time}`;
}
