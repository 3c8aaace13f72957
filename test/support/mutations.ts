/** Tables as files might come, then damaged: bytes flipped, cut, joined; other encodings, separators and line ends. */
import { random } from "../../src/math/random.js";

const TABLES: readonly string[] = [
  "a,b,label\n1,2.5,rose\n3,-4e2,tulip\n5,,rose\n7,8,tulip\n",
  'name;price;ok\n"Müller, A.";1,50;yes\n"say ""x""";2,75;no\nzwei\\n;3;yes\n',
  ",x,y\n0,0.5,1\n1,1.5,0\n2,NA,1\n",
  '"","len","supp"\n"1",4.2,"VC"\n"2",11.5,"OJ"\n',
  "0,1,2\n0.5,1.5,3\n2.5,0.25,4\n",
  "sep=;\na;b\n1;2\n3;4\n",
  "x\ty\tz\n1\t\tu\n\t2\tv\n3\t4\t\n",
  "# title\n\nx|y\n1|2\n3|4\n",
  " 0.1  18.0 2.3 0\n 0.2   0.0 7.1 1\n",
  'n,text\n1,"Hello,\nworld"\n2,"北京 €5 😀"\n',
  '[{"a":1,"y":"u"},{"a":2.5,"y":null},{"b":[1,{"c":"d\\n"}]}]',
  '{"a":1,"y":"u"}\n{"a":12345678901234567890,"y":"v"}\n',
  '[["a","y"],[1,"u"],[2,"ü"]]',
  '{"a":{"0":1,"1":2},"y":{"0":"u","1":"v"}}',
  "y\n1\n2\n3\n",
];
/** Bytes that mean something to some reader. */
const TELLING = [
  0, 9, 10, 13, 27, 34, 35, 44, 46, 48, 59, 91, 92, 93, 123, 124, 125, 0x80, 0x9f, 0xc3, 0xed, 0xef, 0xff,
];

/** An endless row of damaged files, the same for a seed. */
export function* mutations(seed: number): Generator<Uint8Array, never> {
  const source = random(seed);
  const upTo = (n: number): number => Math.min(n - 1, Math.floor(source.uniform() * n));
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)];
  const text = (): Uint8Array => {
    let table = pick(TABLES);
    if (upTo(4) === 0) table = table.replaceAll(pick([",", ";", "\t", "|"]), pick([",", ";", "\t", "|", ":", " "]));
    if (upTo(4) === 0) table = table.replaceAll("\n", pick(["\r\n", "\r", "\n\n", "\r\r\n"]));
    if (upTo(6) === 0) table += table.slice(table.indexOf("\n") + 1).repeat(1 + upTo(40));
    return encoded(table, pick(["utf-8", "utf-8", "utf-8", "mark", "latin1", "le", "be", "le mark", "be mark"]));
  };
  for (;;) {
    let bytes = Array.from(text());
    for (let damages = upTo(5); damages > 0; damages--) {
      const at = upTo(bytes.length + 1);
      const length = upTo(12);
      switch (upTo(7)) {
        case 0:
          if (at < bytes.length) bytes[at] ^= 1 << upTo(8);
          break;
        case 1:
          bytes.splice(at, 0, pick(TELLING));
          break;
        case 2:
          if (at < bytes.length) bytes[at] = pick(TELLING);
          break;
        case 3:
          bytes.splice(at, length);
          break;
        case 4:
          bytes.splice(at, 0, ...bytes.slice(upTo(bytes.length + 1)).slice(0, length * 4));
          break;
        case 5:
          bytes = bytes.slice(0, at);
          break;
        default:
          bytes = bytes.concat(Array.from(text()));
      }
    }
    yield Uint8Array.from(bytes);
  }
}

function encoded(text: string, encoding: string): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  if (encoding === "mark") return new TextEncoder().encode(`\ufeff${text}`);
  if (encoding === "latin1") return Uint8Array.from(text, (c) => c.charCodeAt(0));
  const marked = encoding.endsWith("mark") ? `\ufeff${text}` : text;
  const bytes = new Uint8Array(2 * marked.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < marked.length; i++) view.setUint16(2 * i, marked.charCodeAt(i), encoding.startsWith("le"));
  return bytes;
}
