/** What a schedule that is told something, such as metrics, has besides its values: all that it has seen, as plain data. */
export interface Memory {
  stateDict(): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: each takes what it gave
  loadStateDict(state: any): void;
}

/** Whether a schedule has a memory, or is made of one that has. */
export const remembers = <T>(given: T): given is T & Memory =>
  typeof given === "function" && "stateDict" in given && "loadStateDict" in given;
