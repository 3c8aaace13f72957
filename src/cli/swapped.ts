import { open, stat } from "node:fs/promises";
import { quoted } from "../check.js";
import { UsageError } from "./args.js";
import { program, shell } from "./program.js";

/**
 * Refuses a model and data in each other's place.
 * @throws UsageError with the call that was meant
 */
export async function checkOrder(model: string, data: string): Promise<void> {
  if ((await isSafetensors(model)) || !(await isSafetensors(data))) return;
  const call = `${program()} predict ${shell([data, model])}`;
  throw new UsageError(`expected the saved run first and the data second, got ${quoted(data)} second; try: ${call}`);
}

/** Whether a file begins as a safetensors file does: with the size of a header in 8 bytes, little-endian, and the header. */
async function isSafetensors(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false;
    const handle = await open(file);
    try {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(9), position: 0 });
      return bytesRead === 9 && buffer.readUInt16LE(6) === 0 && buffer[8] === 0x7b; // {
    } finally {
      await handle.close();
    }
  } catch {
    return false; // reading it as what it should be has a better message
  }
}
