/** The bucket that keeps the archive, as far as the router needs one. Any call may reject, and then nothing is known of its effect. */
export interface ArchiveBucket {
  put(key: string, object: Uint8Array, contentType: string): Promise<void>;
  /** Null = there is no object of this name. */
  get(key: string): Promise<ArchivedObject | null>;
  /** Objects that are not there are no error. At most 1,000 at once. */
  delete(keys: readonly string[]): Promise<void>;
  /** The objects after a key, in the order of keys. At most 1,000 at once; `more` = there are others behind them. */
  list(after: string, limit: number): Promise<ListedObjects>;
}

interface ListedObjects {
  /** Instants are milliseconds since the epoch. */
  readonly objects: readonly { readonly key: string; readonly uploadedAt: number }[];
  readonly more: boolean;
}

export interface ArchivedObject {
  /** In bytes. */
  readonly size: number;
  readonly body: ReadableStream;
}

/** An R2 bucket. */
export function archiveBucket(bucket: R2Bucket): ArchiveBucket {
  return {
    async put(key, object, contentType) {
      await bucket.put(key, object, { httpMetadata: { contentType } });
    },
    get: (key) => bucket.get(key),
    delete: (keys) => bucket.delete([...keys]),
    async list(after, limit) {
      const { objects, truncated } = await bucket.list({
        limit,
        ...(after !== "" && { startAfter: after }),
      });
      const listed = objects.map(({ key, uploaded }) => ({ key, uploadedAt: uploaded.getTime() }));
      return { objects: listed, more: truncated };
    },
  };
}

/** The whole of an object. Meant for objects that the archive wrote: some megabytes. */
export async function readBytes({ body }: ArchivedObject): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}
