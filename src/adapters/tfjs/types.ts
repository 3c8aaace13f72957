/**
 * The part of TensorFlow.js that the adapter uses, as structural types: a program that does not install TensorFlow.js still
 * compiles. What the namespace gives beyond them is kept by the type parameter of {@link tfOptimizer}.
 */
import type { HostMemory } from "../../host/hostTypes.js";

/** A tf.Tensor. */
export interface TfTensor {
  readonly shape: readonly number[];
  readonly size: number;
  readonly dtype: string;
  readonly dataId: object;
  dataSync(): ArrayLike<number>;
  data(): Promise<ArrayLike<number>>;
  dispose(): void;
}

/** A tf.Variable. */
export interface TfVariable extends TfTensor {
  readonly name: string;
  readonly isDisposed: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: a tf.Tensor, whose type has private members
  assign(value: any): void;
}

/** A tensor with a name: gradients come as these, and weights are saved as these. */
export interface TfNamedTensor {
  name: string;
  tensor: TfTensor | null | undefined;
}

/** The namespace `tf`. */
export interface TensorFlow {
  // biome-ignore format: one line for one suppression
  // biome-ignore lint/suspicious/noExplicitAny: its type has protected members
  readonly Optimizer: abstract new (...given: any[]) => any;
  getBackend(): string;
  // biome-ignore lint/suspicious/noExplicitAny: internals, which TensorFlow.js exports with types of its own
  engine(): any;
  // biome-ignore lint/suspicious/noExplicitAny: the overloads of tf.tensor take many types of values
  tensor(values: any, shape?: any, dtype?: any): any;
  // biome-ignore lint/suspicious/noExplicitAny: a class with static members
  readonly serialization: { registerClass(cls: any, ...rest: any[]): any };
}

/** The WebAssembly backend of TensorFlow.js, as far as its memory is concerned. */
export interface TfWasmBackend {
  readonly wasm: {
    readonly HEAPU8: Uint8Array;
    readonly asm?: { readonly memory?: HostMemory };
    readonly wasmMemory?: HostMemory;
    _malloc(bytes: number): number;
    _free(address: number): void;
    readonly tfjs: {
      registerTensor(id: number, size: number, address: number): void;
      disposeData(id: number): void;
    };
  };
  readonly dataIdMap: { get(dataId: object): TfWasmRecord };
  makeOutput(shape: readonly number[], dtype: string, address: number): object;
}

/** Where the numbers of a data id are, and how many tensors share them. A new record is made whenever they move. */
export interface TfWasmRecord {
  readonly id: number;
  readonly memoryOffset: number;
  readonly refCount: number;
}
