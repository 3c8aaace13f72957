/**
 * A hyperparameter as a function of the step, counted from 0: the first optimizer step uses f(0). Pure: the same step
 * always gives the same value.
 */
export type Schedule = (step: number) => number;
