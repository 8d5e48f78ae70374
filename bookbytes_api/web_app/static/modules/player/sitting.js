/** Listening to a book in one go: how many seconds were really played, as a clock on the wall counts them. */

const LONGEST_STEP_S = 5;
const LONGEST_REST_MS = 30 * 60_000;

export class Sitting {
  seconds = 0;
  #countedAt = 0;

  /**
   * @param {string} bookId
   * @param {string} device
   */
  constructor(bookId, device) {
    this.bookId = bookId;
    this.device = device;
    this.id = uuid();
    this.startedAt = new Date();
  }

  /** Whether it was so long ago that who listens again sits down anew. */
  get isOver() {
    return performance.now() - this.#countedAt > LONGEST_REST_MS;
  }

  startCounting() {
    this.#countedAt = performance.now();
  }

  /** Add the time since it was counted last: a little, while it plays. What is longer, the device slept through. */
  count() {
    const now = performance.now();
    this.seconds += Math.min((now - this.#countedAt) / 1000, LONGEST_STEP_S);
    this.#countedAt = now;
  }

  /**
   * @param {object} place the fields of where it is
   * @param {boolean} isClosed whether the page is being left
   */
  report(place, isClosed) {
    return {
      id: this.id,
      book_id: this.bookId,
      started_at: this.startedAt.toISOString(),
      device: this.device,
      seconds_listened: this.seconds,
      utc_offset_minutes: -this.startedAt.getTimezoneOffset(),
      is_closed: isClosed,
      ...place,
    };
  }
}

/** A random UUID; `crypto.randomUUID` is only there behind TLS. */
function uuid() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
