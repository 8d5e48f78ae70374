/**
 * What of a book can be played, in order.
 *
 * @typedef {{id: string, chapter_number: number, title: string, duration: number | null, audio_url: string | null}} Chapter
 * @typedef {Chapter & {audio_url: string}} Track a chapter with a clip
 * @typedef {{id: string, title: string, author: string, status: "complete" | "partial", book_summary: Chapter | null,
 *   chapters: Chapter[]}} Book as `GET /api/v1/books/{id}` returns it
 */

/** The chapter number of the summary of the whole book. */
export const WHOLE_BOOK = 0;

export class Queue {
  /** @param {Book} book */
  constructor(book) {
    /** Chapters with a clip, without the summary of the whole book. */
    this.tracks = book.chapters.filter(hasClip);
    /** @type {Track | null} */
    this.wholeBook = book.book_summary && hasClip(book.book_summary) ? book.book_summary : null;
  }

  /** The summary of the whole book, then the chapters. */
  get all() {
    return this.wholeBook ? [this.wholeBook, ...this.tracks] : this.tracks;
  }

  /**
   * @param {number} number
   * @returns {Track | null} the track with this number; else the next one, or the first
   */
  nearest(number) {
    return this.all.find((track) => track.chapter_number === number) ?? this.after(number) ?? this.all.at(-1) ?? null;
  }

  /** @returns {Track | null} the first chapter */
  get first() {
    return this.tracks[0] ?? this.wholeBook;
  }

  /**
   * @param {number} number
   * @returns {Track | null}
   */
  after(number) {
    return this.tracks.find((track) => track.chapter_number > number) ?? null;
  }

  /**
   * @param {number} number
   * @returns {Track | null}
   */
  before(number) {
    return this.tracks.findLast((track) => track.chapter_number < number) ?? null;
  }
}

/**
 * @param {Chapter} track
 * @returns {string} how people name it
 */
export function trackName(track) {
  return track.chapter_number === WHOLE_BOOK ? track.title : `${track.chapter_number}. ${track.title}`;
}

/**
 * @param {Chapter} chapter
 * @returns {chapter is Track}
 */
function hasClip(chapter) {
  return chapter.audio_url !== null;
}
