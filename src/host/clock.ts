/** Milliseconds from an arbitrary start. An AudioWorklet and bare contexts have no `performance`. */
export const now = (): number => (typeof performance === "object" ? performance.now() : Date.now());
