const LOOP = /( *)do \{\n([\s\S]*?) *i \+= BYTES;\n *\} while \(i < end\);/g;

/** Words of a body up to which only memory counts, and more turns gain nothing. */
const LEAST = 5;

/**
 * The source of kernels with the body of every loop written twice, the second time on the next vector: half the address
 * arithmetic and half the tests. 9 % of Adam's time, 12 to 25 % of that of rules with one buffer. Short bodies that do
 * not divide are written four times, and take another 5 to 20 % less; of more than 12 words they gain nothing or lose. One
 * with a cube root, of some 50 instructions, is written once. The same body again with i taken further between, 0.8 kB
 * less of the package gzipped, takes 5 to 15 % longer. Memory is laid out in fours of vectors (`padded` in backend.ts), so
 * there are no tails.
 *
 * A loop with the words `plus` and `times` is written once more without them, for when their scalars are 0 and 1: without
 * weight decay, one or two products less, 5 to 20 % of the time where products bind it. One with both words is written a
 * third time, without `plus` alone: `x + 0 y` is x even where y is not finite, and so the loop with `plus` must never run
 * with a scalar of 0. A mask inside that loop does the same for 10 to 18 % more of QHM's time, and momentum's.
 *
 * Divisions and roots in turns take 9 cycles a pair on Zen 5, and two roots before two divisions 7 a pair, which is the
 * limit that the benches count. Dropped, for no gain that lasted: the statements of two vectors interleaved (Adam 4 % slower,
 * Yogi 3 % faster), and divisions of the vectors before beside the roots of these.
 *
 * Throws where a loop is written in another way, and would be left as it is.
 *
 * @param short words of a body up to which it is written four times
 */
export function unrolled(source: string, short: number): string {
  const loops = source.match(/\bdo \{/g)?.length ?? 0;
  let found = 0;
  const written = source.replace(LOOP, (_, indent: string, body: string, at: number) => {
    found++;
    return loopsFor(indent, body, neutrals(source.slice(0, at), body), short);
  });
  if (found !== loops)
    throw new Error(`expected loops of the form do { … i += BYTES; } while (i < end);, in\n${source}`);
  return written.replace(/import \{([^}]*)\} from "(\.+\/lane)"/, `import {$1, ${WORDS}} from "$2"`);
}

/** What the loops that are written here have beside the words of their sources. */
const WORDS = "load1, load2, load3, store1, store2, store3, plusNothing, timesOne";

/** When the scalars of a body's words are neutral, by the names that they have in the function: `L = splat(l2)`. */
interface Neutrals {
  /** That of `plus`, of which a body has one at most: "l2 == 0". */
  added: string | undefined;
  /** Those of `times`: "keep == 1". */
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

/** The loop as it stands, and before it those without `plus`, and without both words, for when their scalars are neutral. */
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
  const times = long ? 1 : words > LEAST && words <= short && !/\bdiv\(/.test(body) ? 4 : 2;
  const bodies = Array.from({ length: times }, (_, k) =>
    k === 0 ? body : body.replace(/\b(load|store)\(/g, `$1${k}(`),
  );
  return `${indent}do {\n${bodies.map((one) => `{\n${one}}\n`).join("")}${indent}i += ${times} * BYTES;\n${indent}} while (i < end);`;
}
