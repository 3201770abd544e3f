import type { ArchiveBucket } from "../../src/ports/bucket.ts";

/** A bucket in memory: objects by key, and how many calls it took. */
export class MemoryBucket implements ArchiveBucket {
  readonly objects = new Map<string, Uint8Array>();
  /** When objects were put that were not put long ago. */
  readonly uploads = new Map<string, number>();

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

  async list(after: string, limit: number) {
    const keys = [...this.objects.keys()].filter((key) => key > after).toSorted();
    const objects = keys
      .slice(0, limit)
      .map((key) => ({ key, uploadedAt: this.uploads.get(key) ?? 0 }));
    return { objects, more: keys.length > limit };
  }

  /** The keys in order, manifests left out. */
  parts(kind = ""): string[] {
    return [...this.objects.keys()]
      .filter((key) => key.startsWith(kind) && key.endsWith(".gz"))
      .toSorted();
  }
}
