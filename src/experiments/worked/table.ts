import type { Example } from "./walks.js";

/** Examples that belong together, on the topics whose explanation shows them. */
export interface WorkedTable {
  title: string;
  topics: readonly string[];
  examples: readonly Example[];
  /** What is often said otherwise. */
  note?: string;
}
