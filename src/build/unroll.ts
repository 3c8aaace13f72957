const LOOP = /( *)do \{\n([\s\S]*?) *i \+= BYTES;\n *\} while \(i < end\);/g;

/** Most words of a body that is bound by memory alone, where unrolling further gains nothing. */
const LEAST = 5;

/**
 * Unrolls the loops of kernels: writes a body twice, the second time on the next vector. That halves the address
 * arithmetic and the tests, and saves 9 % of Adam's time, 12 to 25 % for rules with one buffer. Short bodies that do not
 * divide are written four times, which saves another 5 to 20 %; bodies of more than 12 words gain nothing from that, or lose.
 * A body with a cube root is one chain of some 35 dependent operations, and the processor's window holds few of them: it is
 * written four times with the stores last, so that V8 mixes the four chains. MADGRAD takes 0.73 to 0.77 of the time that
 * one vector a turn takes (two: 0.88, three: 0.83). To repeat the same body and advance i in between would
 * save 0.8 kB of the package (gzipped), but takes 5 to 15 % longer. Memory is laid out in fours of vectors (`padded` in
 * backend.ts), and kernels that work row by row take columns in multiples of 16, so there are no tails.
 *
 * A loop with the words `plus` and `times` is written once more without them, for scalars of 0 and 1: without weight decay
 * that saves one or two multiplications, 5 to 20 % of the time where multiplications are the limit. A loop with both words is
 * written a third time, without `plus` alone: `x + 0 y` has to be x even where y is not finite, so the loop with `plus` must
 * never run with a scalar of 0. A mask inside the loop would do the same, for 10 to 18 % more time in QHM and momentum.
 *
 * ReLU and its like gain most, 16 to 42 %. A body that calls a function of math.ts is left as it is: sigmoid, tanh and ELU
 * gain 0 to 2 %.
 *
 * Alternating divisions and roots take 9 cycles a pair on Zen 5, and two roots before two divisions 7 a pair, which is the
 * limit that the benches count. Tried and dropped, for no lasting gain: interleaving the statements of two vectors (Adam 4 %
 * slower, Yogi 3 % faster), and running the divisions of one turn beside the roots of the next.
 *
 * Throws where a loop has another form, which would stay as it is.
 *
 * @param short most words of a body that is written four times
 */
export function unrolled(source: string, short: number): string {
  const loops = source.match(/\bdo \{/g)?.length ?? 0;
  let found = 0;
  const written = source.replace(LOOP, (whole, indent: string, body: string, at: number) => {
    found++;
    if (body.includes("math.")) return whole;
    return loopsFor(indent, body, neutrals(source.slice(0, at), body), short);
  });
  if (found !== loops)
    throw new Error(`expected loops of the form do { … i += BYTES; } while (i < end);, in\n${source}`);
  return written.replace(/import \{([^}]*)\} from "(\.+\/lane)"/, `import {$1, ${WORDS}} from "$2"`);
}

/** Words that only unrolled loops use. */
const WORDS = "load1, load2, load3, store1, store2, store3, plusNothing, timesOne";

/** Conditions under which the words of a body change nothing, on the scalars of the function: `L = splat(l2)` gives "l2 == 0". */
interface Neutrals {
  /** The condition of `plus`, of which a body has at most one: "l2 == 0". */
  added: string | undefined;
  /** The conditions of each `times`: "decayFactor == 1". */
  factors: string[];
}

function neutrals(before: string, body: string): Neutrals {
  const scalar = (vector: string): string => {
    const last = [...before.matchAll(new RegExp(`\\b${vector} = splat\\((\\w+)\\)`, "g"))].at(-1);
    if (!last)
      throw new Error(`expected ${vector} = splat(…) before a loop that has it in plus() or times(), in\n${before}`);
    return last[1];
  };
  const factors = [...body.matchAll(/\btimes\(([A-Z]\d?), /g)].map(([, vector]) => `${scalar(vector)} == 1`);
  const added = [...body.matchAll(/\bplus\(.*, ([A-Z]\d?), \w+\)/g)].map(([, vector]) => `${scalar(vector)} == 0`);
  if (added.length > 1) throw new Error(`expected one plus() in a loop, got ${added.length}, in\n${body}`);
  return { added: added[0], factors };
}

/** The loop, and before it those without `plus` and without both words, each under the condition that these change nothing. */
function loopsFor(indent: string, body: string, { added, factors }: Neutrals, short: number): string {
  const write = (text: string): string => repeated(indent, text, short);
  const bare = body.replace(/\bplus\(/g, "plusNothing(");
  let loops = write(body);
  if (added) loops = `if (${added}) {${write(bare)}} else {${loops}}`;
  if (factors.length === 0) return loops;
  const all = added ? [added, ...factors] : factors;
  return `if (${all.join(" && ")}) {${write(bare.replace(/\btimes\(/g, "timesOne("))}} else {${loops}}`;
}

function repeated(indent: string, body: string, short: number): string {
  const words = body.match(/\w+\(/g)?.length ?? 0;
  const long = /\bcbrt\(/.test(body);
  const times = long || (words > LEAST && words <= short && !/\bdiv\(/.test(body)) ? 4 : 2;
  const bodies = Array.from({ length: times }, (_, k) =>
    k === 0 ? body : body.replace(/\b(load|store)\(/g, `$1${k}(`),
  );
  const turn = long ? storesLast(bodies) : bodies.map((one) => `{\n${one}}\n`).join("");
  return `${indent}do {\n${turn}${indent}i += ${times} * BYTES;\n${indent}} while (i < end);`;
}

/** The constants of all bodies, each under a name of its own, and then all stores. */
function storesLast(bodies: readonly string[]): string {
  const lines = bodies.map((body, k) => {
    const names = [...body.matchAll(/^ *const (\w+) =/gm)].map(([, name]) => name);
    return body.replace(new RegExp(`\\b(${names.join("|")})\\b`, "g"), `$1_${k}`).match(/.*\n/g) ?? [];
  });
  const stores = (line: string) => /^ *store\d?\(/.test(line);
  return [...lines.flatMap((of) => of.filter((x) => !stores(x))), ...lines.flatMap((of) => of.filter(stores))].join("");
}
