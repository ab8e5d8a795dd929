/** The newest `capacity` items, oldest first, and how many there have ever been. */
export class Ring<T> {
  private items: T[] = [];
  private start = 0;
  /** How many items were ever pushed since the last `clear`. */
  total = 0;

  constructor(readonly capacity: number) {
    if (!(capacity > 0)) throw new RangeError(`capacity was ${capacity}; it must be above 0`);
  }

  get length(): number {
    return this.items.length;
  }

  push(item: T): void {
    this.total += 1;
    if (this.items.length < this.capacity) {
      this.items.push(item);
      return;
    }
    this.items[this.start] = item;
    this.start = (this.start + 1) % this.capacity;
  }

  /** Put items where `order` says among those that are here; only the newest are kept. */
  place(items: readonly T[], order: (a: T, b: T) => number): void {
    const sorted = [...this.toArray(), ...items].sort(order);
    const total = this.total + items.length;
    this.clear();
    for (const item of sorted.slice(-this.capacity)) this.push(item);
    this.total = total;
  }

  clear(): void {
    this.items = [];
    this.start = 0;
    this.total = 0;
  }

  /** The item that is `age` pushes old; 0 is the newest. */
  newest(age = 0): T | undefined {
    const { length } = this.items;
    if (age < 0 || age >= length) return undefined;
    return this.items[(this.start + length - 1 - age) % length];
  }

  /** All items, oldest first. */
  toArray(): T[] {
    return [...this.items.slice(this.start), ...this.items.slice(0, this.start)];
  }

  /** All items, newest first. */
  toNewestFirst(): T[] {
    return this.toArray().reverse();
  }
}
