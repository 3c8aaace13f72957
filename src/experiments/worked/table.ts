import type { Example } from "./walks.js";

/** Examples that belong together, on the topics whose explanation shows them. */
export interface WorkedTable {
  title: string;
  topics: readonly string[];
  examples: readonly Example[];
  /** What is often said otherwise. */
  note?: string;
}

/** Half a unit of the last digit that an example gives, and f32 at the size of what it was subtracted from. */
export const tolerance = ({ digits, want }: Example, i: number): number =>
  0.5 / 10 ** digits + 2e-6 * Math.abs(want[i]);
