import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A file of the handwritten digits beside the repository; the package does not carry them. */
export function digits(name: "train.csv" | "test.csv"): string {
  const file = fileURLToPath(new URL(`../../../shared/data/digits/${name}`, import.meta.url));
  if (existsSync(file)) return file;
  throw new Error(
    `this test needs the UCI handwritten digits (Alpaydin & Kaynak, 1998) at ${file}, which is not there`,
  );
}
