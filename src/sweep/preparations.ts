import { type Prepared, type PrepareOptions, prepare } from "../data/prepare.js";
import type { Table } from "../data/table.js";

/** The most bytes of examples that are kept, but for those used last. */
const MOST_BYTES = 256 * 2 ** 20;

/**
 * Prepares a table for trials, and keeps what it has prepared: of a short trial, reading all cells again would take longer
 * than training.
 */
export function preparations(table: Table, mostBytes = MOST_BYTES): (how: PrepareOptions) => Prepared {
  const kept = new Map<string, Prepared>();
  return (how) => {
    const key = JSON.stringify(how);
    const prepared = kept.get(key) ?? prepare(table, how);
    kept.delete(key); // to the end: the one used last
    kept.set(key, prepared);
    let bytes = 0;
    for (const [old, each] of [...kept].reverse()) {
      bytes += bytesOf(each);
      if (bytes > mostBytes && old !== key) kept.delete(old);
    }
    return prepared;
  };
}

const bytesOf = ({ train, validation }: Prepared): number =>
  [train, validation].reduce((sum, some) => sum + (some ? some.x.byteLength + some.y.byteLength : 0), 0);
