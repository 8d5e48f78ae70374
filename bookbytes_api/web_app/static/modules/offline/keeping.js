/** Keeping a book: everything that listening to it takes is downloaded, chapter by chapter. */
import { ApiError, api } from "../api.js";
import { Download, isFull } from "./downloads.js";
import { keptBook, openKept, record } from "./kept_cache.js";
import { room, sizeOf } from "./sizes.js";

/** Of clips; the pages and the cover of a book are small beside them. */
const BYTES_PER_SECOND = 8000;
const OTHER_BYTES = 1e6;
/** What is shown while there is no network, whichever book it is. */
const PAGES = ["/", "/kept", "/offline"];

/** @type {Map<string, Keeping>} what is being downloaded, by the id of the book: it goes on when the page changes */
const underWay = new Map();

/** @param {string} bookId */
export function keepingOf(bookId) {
  return underWay.get(bookId) ?? null;
}

/**
 * Keep a book, or go on with it; dispatches `progress`, and its promise `finished` is rejected with a sentence for
 * people where it was not cancelled.
 */
export class Keeping extends EventTarget {
  chapters = 0;
  done = 0;
  #controller = new AbortController();

  /** @param {string} bookId */
  constructor(bookId) {
    super();
    underWay.set(bookId, this);
    /** @type {Promise<void>} */
    this.finished = this.#keep(bookId).catch(explain).finally(() => underWay.delete(bookId));
  }

  /** What has been downloaded stays, and is not downloaded again when the listener goes on. */
  cancel() {
    this.#controller.abort();
  }

  get isCancelled() {
    return this.#controller.signal.aborted;
  }

  /** @param {string} bookId */
  async #keep(bookId) {
    const signal = this.#controller.signal;
    const book = await api("GET", `/api/v1/books/${bookId}`, undefined, { cache: "reload", signal });
    await requireRoom(book, await keptBook(bookId));
    await navigator.storage?.persist?.();
    const clips = chaptersOf(book).filter((chapter) => chapter.audio_url !== null);
    const texts = textsOf(book);
    const addresses = [...texts, ...clips.map((chapter) => chapter.audio_url)];
    const { id, title, author, updated_at: updatedAt } = book;
    const kept = { id, title, author, updatedAt, chapters: clips.length, addresses, bytes: 0, isComplete: false };
    await record(kept);
    this.#report(0, clips.length);
    const download = new Download(await openKept(), signal);
    for (const [index, chapter] of clips.entries()) {
      kept.bytes += await download.required(chapter.audio_url, `Chapter ${chapter.chapter_number} of ${title}`);
      this.#report(index + 1, clips.length);
    }
    for (const address of [...texts, ...PAGES]) {
      kept.bytes += await download.optional(address);
    }
    await record({ ...kept, isComplete: true });
  }

  /**
   * @param {number} done
   * @param {number} chapters
   */
  #report(done, chapters) {
    [this.done, this.chapters] = [done, chapters];
    this.dispatchEvent(new Event("progress"));
  }
}

/**
 * @param {unknown} error
 * @returns {never}
 */
function explain(error) {
  throw isFull(error) ? new ApiError("This browser has no more room for books. Remove another one first.", 0, "NO_ROOM") : error;
}

/**
 * @param {any} book
 * @returns {any[]} the summary of the whole book, if there is one, and its chapters
 */
function chaptersOf(book) {
  return [...(book.book_summary ? [book.book_summary] : []), ...book.chapters];
}

/**
 * @param {any} book
 * @returns {string[]} its data, its cover and its pages, and of each chapter the page, the passages and what is said when
 */
function textsOf(book) {
  const ofChapters = chaptersOf(book).flatMap((chapter) => [
    `/books/${book.id}/chapters/${chapter.chapter_number}`,
    `/api/v1/chapters/${chapter.id}/evidence`,
    ...(chapter.transcript_url ? [chapter.transcript_url] : []),
  ]);
  return [`/api/v1/books/${book.id}`, `/api/v1/books/${book.id}/cover`, `/books/${book.id}`, ...ofChapters];
}

/**
 * Throw an error for people where the book does not fit.
 * @param {any} book
 * @param {import("./kept_cache.js").KeptBook | null} kept what there is of it
 */
async function requireRoom(book, kept) {
  const needed = OTHER_BYTES + book.duration * BYTES_PER_SECOND - (kept?.bytes ?? 0);
  const free = await room();
  if (needed > free) {
    throw new ApiError(`This book takes about ${sizeOf(needed)}, and this browser has room for ${sizeOf(free)}. Remove another one first.`, 0, "NO_ROOM");
  }
}
