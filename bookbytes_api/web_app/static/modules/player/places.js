/** Where the listener was in a book: on this device, or on another one since. */
import { ApiError, api } from "../api.js";

/**
 * @typedef {{chapterNumber: number, seconds: number, isFinished: boolean}} Place
 * @typedef {Place & {at: number}} KeptPlace with the time of this device in milliseconds since 1970
 */

const SERVER_WAIT_MS = 4000;

export class Places {
  /** @param {import("./kept_values.js").KeptValues} kept */
  constructor(kept) {
    this.kept = kept;
  }

  /** The book that was played last in this browser. @returns {string | null} */
  get lastBook() {
    return this.kept.get("last", null);
  }

  /**
   * @param {string} bookId
   * @param {Place} place
   */
  keep(bookId, place) {
    this.kept.set(`place/${bookId}`, { ...place, at: Date.now() });
    this.kept.set("last", bookId);
  }

  /** @param {string} bookId the server may know a place in it still */
  forgetPlace(bookId) {
    this.kept.remove(`place/${bookId}`);
  }

  /** @param {string} bookId of a book that is gone */
  forget(bookId) {
    this.forgetPlace(bookId);
    if (this.lastBook === bookId) {
      this.kept.remove("last");
    }
  }

  /**
   * @param {string} bookId
   * @returns {Promise<Place | null>} the newest place that this device or the server knows
   */
  async newest(bookId) {
    const here = this.kept.get(`place/${bookId}`, /** @type {KeptPlace | null} */ (null));
    const there = await placeOnServer(bookId);
    return here && there ? (there.at > here.at ? there : here) : (here ?? there);
  }
}

/**
 * @param {string} bookId
 * @returns {Promise<KeptPlace | null>} null where there is none, or the server does not answer soon
 */
async function placeOnServer(bookId) {
  try {
    const found = await api("GET", `/api/v1/me/positions/${bookId}`, undefined, { signal: AbortSignal.timeout(SERVER_WAIT_MS) });
    const { chapter_number: chapterNumber, seconds, is_finished: isFinished } = found;
    return { chapterNumber, seconds, isFinished, at: Date.parse(found.client_time) };
  } catch (error) {
    if (error instanceof ApiError) {
      return null;
    }
    throw error;
  }
}
