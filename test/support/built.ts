/** The built package, as `npm run build` leaves it in dist: what users import. */
import { existsSync } from "node:fs";

/** A file of dist. */
export function built(path: string): URL {
  const url = new URL(`../../dist/${path}`, import.meta.url);
  if (!existsSync(url)) throw new Error(`dist/${path} is missing: run "npm run build" first`);
  return url;
}
