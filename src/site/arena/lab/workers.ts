/** Starts a worker of the page; throws, in words, where the browser or a policy gives it none. */
export function started(make: () => Worker): Worker {
  if (typeof Worker === "undefined") throw new Error("This browser gives the page no workers, and this runs in one");
  return make();
}
