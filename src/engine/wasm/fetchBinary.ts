import { builtin } from "../builtin.js";

/** Loads a binary from its address. Throws where the server answers with an error. */
export async function fetched(where: URL | string): Promise<BufferSource> {
  const url = new URL(where, typeof location === "object" ? location.href : undefined);
  if (url.protocol === "file:") {
    // In Node, Deno and Bun fetch does not read files.
    const files = await builtin("node:fs/promises");
    if (files) return files.readFile(url);
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.arrayBuffer();
}
