/// <reference types="vite/client" />

/** The version of the package, which the build fills in. */
declare const __VERSION__: string;

/** THE TABLE with formulas and papers (vite.config.ts). */
declare module "virtual:optimizers" {
  interface Entry {
    readonly name: string;
    readonly paper: string;
    readonly follows: string;
    readonly state: readonly [number, number];
    readonly stateOf: { readonly matrix: string; readonly vector: string };
    readonly text: string;
    readonly options: readonly { readonly name: string; readonly default: unknown; readonly meaning: string }[];
    readonly example: string;
  }
  const entries: readonly Entry[];
  export default entries;
}
