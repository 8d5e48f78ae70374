/**
 * Plays a book. Whoever shows, keeps or changes what happens listens to its events: `book`, `opened` at a place,
 * `chapter`, `play`, `pause`, `seek`, `speed`, `chapter-end`, `book-end` and `message`, each followed by `change`; and
 * `time`.
 */
import { ApiError, api } from "../api.js";
import { Queue } from "./queue.js";
import { Sound } from "./sound.js";

/**
 * @typedef {{chapterNumber?: number | undefined, seconds?: number | undefined, play?: boolean}} Start
 *   without a chapter: where the listener was; without `play`, it plays if it did
 */

const JUST_BEGUN_S = 5;

export class Player extends Sound {
  /** @type {import("./queue.js").Book | null} */
  book = null;
  /** @type {Queue | null} */
  queue = null;
  /** @type {import("./queue.js").Track | null} */
  track = null;
  /** What has gone wrong, or what it waits for: a sentence. */
  message = "";
  /** Whether trying again may help. */
  canTryAgain = false;
  #openings = 0;
  #whyNotRead = "";

  /**
   * @param {HTMLAudioElement} audio
   * @param {import("./places.js").Places} places
   */
  constructor(audio, places) {
    super(audio);
    this.places = places;
  }

  /** The length of the chapter in seconds. */
  get duration() {
    return super.duration || (this.track?.duration ?? 0);
  }

  /**
   * Load a book at a place.
   * @param {string} bookId
   * @param {Start} [start]
   */
  async open(bookId, start = {}) {
    const opening = ++this.#openings;
    this.unlock();
    if (this.book?.id !== bookId) {
      this.pause();
    }
    const newest = start.chapterNumber === undefined ? this.places.newest(bookId) : null;
    const [isRead, place] = await Promise.all([this.read(bookId, () => opening === this.#openings), newest]);
    if (isRead) {
      const isOver = place === null || place.isFinished;
      const number = start.chapterNumber ?? (isOver ? this.queue?.first?.chapter_number : place.chapterNumber) ?? 1;
      this.#start(number, start.seconds ?? (isOver ? 0 : place.seconds), start.play ?? this.wantsToPlay, "opened");
    } else if (start.play && opening === this.#openings) {
      this.say(this.#whyNotRead);
    }
  }

  /**
   * Read a book as it is now. Where that fails, what is known of the book in hand has to do.
   * @param {string} bookId
   * @param {() => boolean} isWanted asked when the answer is there
   * @returns {Promise<boolean>} whether it is the book in hand now
   */
  async read(bookId, isWanted) {
    try {
      const book = await api("GET", `/api/v1/books/${bookId}`);
      if (isWanted()) {
        this.#take(book);
        return true;
      }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        throw error;
      }
      this.#whyNotRead = error.message;
      if (error.status === 404) {
        this.places.forget(bookId);
      }
    }
    return false;
  }

  /**
   * Go to a chapter of the book, or to the next one that has a clip.
   * @param {number} number
   * @param {number} seconds
   * @param {boolean} play
   */
  start(number, seconds, play) {
    this.#start(number, seconds, play, "chapter");
  }

  /**
   * @param {number} number
   * @param {number} seconds
   * @param {boolean} play
   * @param {"opened" | "chapter"} event
   */
  #start(number, seconds, play, event) {
    const track = this.queue?.nearest(number) ?? null;
    if (track === null) {
      this.say(`Nothing of “${this.book?.title}” can be listened to yet.`);
      return;
    }
    const isLoaded = track.id === this.track?.id && this.audio.error === null;
    const begin = track.chapter_number === number ? seconds : 0;
    this.track = track;
    this.say("");
    if (isLoaded) {
      this.moveTo(begin);
    } else {
      this.load(track.audio_url, begin);
    }
    this.emit(event);
    if (play) {
      this.play();
    } else {
      this.pause();
    }
  }

  /** Wait at the first chapter. Nobody has gone there, so it is no place to be reported. */
  rewind() {
    this.#start(this.queue?.first?.chapter_number ?? 1, 0, false, "opened");
  }

  next() {
    const next = this.queue?.after(this.track?.chapter_number ?? 0);
    if (next) {
      this.start(next.chapter_number, 0, this.wantsToPlay);
    }
  }

  /** Go to the start of the chapter, or to the chapter before where it has only begun. */
  previous() {
    const before = this.queue?.before(this.track?.chapter_number ?? 0);
    if (before && this.seconds < JUST_BEGUN_S) {
      this.start(before.chapter_number, 0, this.wantsToPlay);
    } else {
      this.seek(0);
    }
  }

  /**
   * Say in the player what happens; nothing where all is well.
   * @param {string} message
   * @param {boolean} [canTryAgain]
   */
  say(message, canTryAgain = false) {
    if (message !== this.message || canTryAgain !== this.canTryAgain) {
      this.message = message;
      this.canTryAgain = canTryAgain;
      this.emit("message");
    }
  }

  /** @param {import("./queue.js").Book} book */
  #take(book) {
    if (this.book?.id !== book.id) {
      this.track = null;
    }
    this.book = book;
    this.queue = new Queue(book);
    this.emit("book");
  }
}
