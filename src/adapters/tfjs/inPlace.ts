/**
 * Parameters where TensorFlow.js has them: the engine lives in the memory of its WebAssembly backend, and allocates by the
 * malloc of that backend. A step copies the gradients alone, within that memory: they are in blocks without the padding
 * that kernels may read and write.
 *
 * Each variable is given a block with padding, once: TensorFlow.js owns it from then on, and frees it as any other. Its
 * tensors do not change, so a variable whose numbers another tensor shares, a clone say, moves to a new block first.
 */
import { padded } from "../../engine/backend.js";
import type { Engine } from "../../engine/engine.js";
import { hostedEngine, type MemoryHost } from "../../engine/hosted.js";
import { Tensor, tensorOf } from "../../engine/tensor.js";
import { type Store, shapeOf } from "./store.js";
import type { TensorFlow, TfTensor, TfVariable, TfWasmBackend, TfWasmRecord } from "./types.js";

const BYTES = 4; // of an f32

/** The memory of the backend and its allocator; undefined for another backend, and for one whose memory cannot be reached. */
export function memoryOf(backend: Partial<TfWasmBackend>): MemoryHost | undefined {
  const { wasm } = backend;
  const memory = wasm?.wasmMemory ?? wasm?.asm?.memory;
  if (!wasm || !memory || memory.buffer !== wasm.HEAPU8?.buffer) return undefined;
  const { registerTensor, disposeData } = wasm.tfjs ?? {};
  const whole = [wasm._malloc, wasm._free, registerTensor, disposeData, backend.makeOutput, backend.dataIdMap?.get];
  if (whole.some((one) => typeof one !== "function")) return undefined;
  return { memory, alloc: (bytes) => wasm._malloc(bytes), free: (address) => wasm._free(address) };
}

const engines = new WeakMap<TfWasmBackend, Promise<Engine>>();

/** The one engine in the memory of a backend. */
export function engineIn(backend: TfWasmBackend, host: MemoryHost): Promise<Engine> {
  let engine = engines.get(backend);
  if (!engine) {
    engine = hostedEngine(host);
    engines.set(backend, engine);
  }
  return engine;
}

interface Held {
  tensor: Tensor;
  record: TfWasmRecord;
}

export function inPlaceStore(tf: TensorFlow, backend: TfWasmBackend, host: MemoryHost, engine: Engine): Store {
  const held = new Map<TfVariable, Held>();
  // The map brings tensors here that another backend has.
  const recordOf = (tensor: TfTensor): TfWasmRecord => backend.dataIdMap.get(tensor.dataId);
  const bytes = (): Uint8Array => new Uint8Array(host.memory.buffer);

  /** Gives a variable a block with padding, with the same numbers. */
  const place = (variable: TfVariable): TfWasmRecord => {
    const length = BYTES * variable.size;
    const whole = BYTES * padded(variable.size);
    const address = host.alloc(whole) >>> 0;
    if (address === 0) throw new RangeError(`out of memory: a request of ${whole} bytes of TensorFlow.js' memory`);
    const from = recordOf(variable).memoryOffset;
    bytes().copyWithin(address, from, from + length);
    bytes().fill(0, address + length, address + whole);
    const moved = tf.engine().makeTensorFromTensorInfo(backend.makeOutput(variable.shape, "float32", address), backend);
    variable.assign(moved);
    moved.dispose();
    return recordOf(variable);
  };

  return {
    engine,
    adopt(variable) {
      const record = place(variable);
      const shape = shapeOf(variable);
      const gradient = () => tensorOf(engine, shape);
      const memory = { ref: record.memoryOffset, length: padded(variable.size), owner: "a variable of TensorFlow.js" };
      const tensor = new Tensor(engine, shape, { ...memory, gradient });
      held.set(variable, { tensor, record });
      return tensor;
    },
    pull(variable) {
      const one = held.get(variable)!;
      if (recordOf(variable) === one.record && one.record.refCount === 1) return;
      one.record = place(variable);
      one.tensor.relocate(one.record.memoryOffset);
    },
    gradient(variable, gradient) {
      const to = held.get(variable)!.tensor.gradient.ref as number;
      const from = recordOf(gradient).memoryOffset;
      bytes().copyWithin(to, from, from + BYTES * gradient.size);
    },
    push(variable) {
      // Products keep weights that they have packed, by the tensor's number, until they are told that the tensor is gone.
      const { id, memoryOffset } = held.get(variable)!.record;
      backend.wasm.tfjs.disposeData(id);
      backend.wasm.tfjs.registerTensor(id, variable.size, memoryOffset);
    },
    release(variable) {
      held.get(variable)?.tensor.retire(); // and its gradient, which is the engine's
      held.delete(variable);
    },
  };
}
