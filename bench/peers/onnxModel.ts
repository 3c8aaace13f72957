/** The bytes of an ONNX model of one product: just enough of protocol buffers for it. Field numbers are those of onnx.proto. */
import type { ProductShape } from "./work.js";

const FLOAT = 1; // TensorProto.DataType
const INT = 2; // AttributeProto.AttributeType
const OPSET = 13;

type Bytes = number[];

function varint(value: number): Bytes {
  const bytes: Bytes = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  bytes.push(rest);
  return bytes;
}

const int = (field: number, value: number): Bytes => [...varint(field << 3), ...varint(value)];
const bytes = (field: number, content: Bytes): Bytes => [
  ...varint((field << 3) | 2),
  ...varint(content.length),
  ...content,
];
const text = (field: number, content: string): Bytes => bytes(field, [...new TextEncoder().encode(content)]);

const attribute = (name: string, value: number): Bytes => [...text(1, name), ...int(3, value), ...int(20, INT)];
const tensor = (name: string, shape: readonly number[]): Bytes => {
  const dims = shape.flatMap((d) => bytes(1, int(1, d)));
  return [...text(1, name), ...bytes(2, bytes(1, [...int(1, FLOAT), ...bytes(2, dims)]))];
};

/** c = Gemm(a, b), without the bias that it may have; the plain product as MatMul. */
export function gemmModel({ m, k, n, layout }: ProductShape): Uint8Array {
  const [transA, transB] = [layout === "TN", layout === "NT"];
  const node = [
    ...[...text(1, "a"), ...text(1, "b"), ...text(2, "c")],
    ...(layout === "NN"
      ? text(4, "MatMul")
      : [
          ...text(4, "Gemm"),
          ...bytes(5, attribute("transA", Number(transA))),
          ...bytes(5, attribute("transB", Number(transB))),
        ]),
  ];
  const graph = [
    ...bytes(1, node),
    ...text(2, "product"),
    ...bytes(11, tensor("a", transA ? [k, m] : [m, k])),
    ...bytes(11, tensor("b", transB ? [n, k] : [k, n])),
    ...bytes(12, tensor("c", [m, n])),
  ];
  return Uint8Array.from([...int(1, 8), ...bytes(7, graph), ...bytes(8, [...text(1, ""), ...int(2, OPSET)])]);
}
