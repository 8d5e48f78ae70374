/** What is kept on this device: a cache for the person who is signed in, with a record of each book in it. */

/**
 * @typedef {object} KeptBook
 * @property {string} id
 * @property {string} title
 * @property {string} author
 * @property {string} updatedAt when the server's book was changed last, as it says
 * @property {number} chapters how many of its chapters have a clip
 * @property {string[]} addresses what is kept of it
 * @property {number} bytes
 * @property {boolean} isComplete false while it is downloaded, and where that was broken off
 */

const PREFIX = "kept-";
const RECORDS = "/kept/";

/** Browsers keep things for addresses that are encrypted, and for this machine's own. */
export function canKeep() {
  return isSecureContext && "caches" in window && "serviceWorker" in navigator;
}

/** @returns {Promise<Cache>} the cache of whoever is signed in */
export function openKept() {
  return caches.open(PREFIX + document.body.dataset.user);
}

/** Remove what others kept who were signed in here before. */
export async function removeOthers() {
  const own = PREFIX + document.body.dataset.user;
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== own);
  await Promise.all(others.map((name) => caches.delete(name)));
}

/** @returns {Promise<KeptBook[]>} by title */
export async function keptBooks() {
  const cache = await openKept();
  const records = (await cache.keys()).map(({ url }) => new URL(url).pathname).filter((path) => path.startsWith(RECORDS));
  const books = await Promise.all(records.map(async (path) => (await cache.match(path))?.json()));
  return books.filter(Boolean).sort((one, other) => one.title.localeCompare(other.title));
}

/**
 * @param {string} id
 * @returns {Promise<KeptBook | null>}
 */
export async function keptBook(id) {
  const record = await (await openKept()).match(RECORDS + id);
  return record === undefined ? null : record.json();
}

/** @param {KeptBook} book */
export async function record(book) {
  await (await openKept()).put(RECORDS + book.id, Response.json(book));
}

/** @param {KeptBook} book */
export async function removeBook(book) {
  const cache = await openKept();
  await Promise.all([RECORDS + book.id, ...book.addresses].map((address) => cache.delete(address)));
}
