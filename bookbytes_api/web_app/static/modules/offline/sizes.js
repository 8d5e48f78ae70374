/** Sizes as people read them, and how much room there is. */

/**
 * @param {number} bytes
 * @returns {string} `512 kB`, `14.2 MB`, `3.1 GB`
 */
export function sizeOf(bytes) {
  if (bytes < 1e6) {
    return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  }
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** @returns {Promise<number>} bytes that this site may still keep; endless where the browser does not say */
export async function room() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Infinity : Math.max(0, quota - (usage ?? 0));
}
