/** How long work may run before it yields to the event loop, in milliseconds. */
export const TURN = 50;

/** Gives the event loop a turn; a host without timers has none to give. */
export const turn = (): Promise<void> =>
  new Promise<void>((resolve) => (typeof setTimeout === "function" ? setTimeout(resolve, 0) : resolve()));
