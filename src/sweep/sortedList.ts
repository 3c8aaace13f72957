/** The most items of a part: inserting moves at most so many, and a million items have some thousand parts. */
const LONGEST = 1024;

/** Items in order, of which many are inserted: in parts, since to move half of a million items for each takes minutes. */
export class SortedList<T> {
  readonly #before: (a: T, b: T) => boolean;
  readonly #parts: T[][] = [];
  #length = 0;

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before;
  }

  get length(): number {
    return this.#length;
  }

  get first(): T | undefined {
    return this.#parts[0]?.[0];
  }

  insert(item: T): void {
    this.#length++;
    const i = this.#partOf(item);
    if (i === this.#parts.length) {
      const last = this.#parts.at(-1);
      if (last === undefined || last.length >= LONGEST) this.#parts.push([item]);
      else last.push(item);
      return;
    }
    const part = this.#parts[i];
    part.splice(this.#placeIn(part, item), 0, item);
    if (part.length > LONGEST) this.#parts.splice(i + 1, 0, part.splice(LONGEST >> 1));
  }

  /** Takes the first item out. */
  shift(): T | undefined {
    const [part] = this.#parts;
    if (part === undefined) return undefined;
    this.#length--;
    const first = part.shift();
    if (part.length === 0) this.#parts.shift();
    return first;
  }

  /** How many items come before another one. */
  rank(item: T): number {
    const i = this.#partOf(item);
    let before = 0;
    for (let k = 0; k < i; k++) before += this.#parts[k].length;
    return i === this.#parts.length ? before : before + this.#placeIn(this.#parts[i], item);
  }

  /** The first part that has an item not before this one. */
  #partOf(item: T): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#before(this.#parts[middle].at(-1)!, item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #placeIn(part: readonly T[], item: T): number {
    let low = 0;
    let high = part.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#before(part[middle], item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
