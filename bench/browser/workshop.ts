/** The workshop of a page: what ../workshop.ts makes, fetched from the server. */
import type { Costs } from "../workshop.js";

export async function binary(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await ask(`binary/${name}`)).arrayBuffer());
}

export async function costs(kernel: string): Promise<Costs> {
  return (await ask(`costs/${kernel}`)).json() as Promise<Costs>;
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(`/workshop/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}
