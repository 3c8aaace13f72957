/** Bytes of state of a parameter of some shape at an optimizer's defaults, as its rule asks for them. */

type Slots = Readonly<Record<string, readonly number[] | number>>;
interface Kept {
  readonly hyper: object;
  slots(hyper: object, shape: readonly number[]): Record<string, unknown>;
  doubles?(hyper: object, shape: readonly number[]): Record<string, unknown>;
}

const sizeOf = (shape: readonly number[] | number): number =>
  typeof shape === "number" ? shape : shape.reduce((product, each) => product * each, 1);
const numbersIn = (slots: object | undefined): number =>
  Object.values((slots ?? {}) as Slots).reduce<number>((sum, shape) => sum + sizeOf(shape), 0);

export const stateBytes = (rule: object, shape: readonly number[]): number => {
  const { hyper } = rule as Kept;
  return (
    4 * numbersIn((rule as Kept).slots(hyper, shape)) + 8 * numbersIn((rule as Partial<Kept>).doubles?.(hyper, shape))
  );
};
