import type { ArchiveBucket } from "../../src/archive/bucket.ts";

/** A bucket in memory: objects by key, and how many calls it took. */
export class MemoryBucket implements ArchiveBucket {
  readonly objects = new Map<string, Uint8Array>();

  async put(key: string, object: Uint8Array): Promise<void> {
    this.objects.set(key, object.slice());
  }

  async get(key: string) {
    const object = this.objects.get(key);
    return object === undefined
      ? null
      : { size: object.length, body: new Blob([object.slice()]).stream() };
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.objects.delete(key);
  }

  /** The keys in order, manifests left out. */
  parts(kind = ""): string[] {
    return [...this.objects.keys()]
      .filter((key) => key.startsWith(kind) && key.endsWith(".gz"))
      .toSorted();
  }
}
