/**
 * Properties are tried on the same inputs in every run, so that a failure is of the change that it comes with. THALWEG_SEED
 * gives others: `THALWEG_SEED=$RANDOM npx vitest run`.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.THALWEG_SEED ?? 1986) });
