/** The state of a schedule that is fed something, such as metrics: everything it has seen so far, as plain data. */
export interface ScheduleState {
  stateDict(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each schedule takes what it gave
  loadStateDict(state: any): void;
}

/** Whether a schedule has state, or is made of one that has. */
export const hasState = <T>(given: T): given is T & ScheduleState =>
  typeof given === "function" && "stateDict" in given && "loadStateDict" in given;
