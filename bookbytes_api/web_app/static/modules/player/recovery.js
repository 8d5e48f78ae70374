/**
 * A clip that fails: the network is gone, its address has expired, or the chapter was made again. The book is read again
 * and the clip goes on at the same place; after some tries, the listener is told.
 */

/** @typedef {import("./player.js").Player} Player */

const WAITS_MS = [300, 2_000, 6_000];

export class Recovery {
  #failures = 0;
  /** Whether it was playing when it gave up. */
  #wasPlaying = false;

  /**
   * @param {Player} player
   * @param {AbortSignal} signal
   */
  constructor(player, signal) {
    this.player = player;
    player.audio.addEventListener("error", () => this.#failed());
    player.audio.addEventListener("playing", () => {
      this.#failures = 0;
      player.say("");
    });
    player.audio.addEventListener("loadedmetadata", () => {
      if (player.canTryAgain) {
        player.say("");
      }
    });
    addEventListener("online", () => this.#backOnline(), { signal });
  }

  /** Try from the beginning, because the listener asks for it. */
  tryAgain() {
    this.#failures = 0;
    this.player.play();
    void this.#loadAgain();
  }

  #failed() {
    const wait = WAITS_MS[this.#failures];
    this.#failures += 1;
    if (wait !== undefined) {
      setTimeout(() => void this.#loadAgain(), wait);
      return;
    }
    const { player } = this;
    this.#wasPlaying = player.wantsToPlay;
    player.pause();
    player.say(`${navigator.onLine ? "" : "This device is offline. "}Chapter ${player.track?.chapter_number} cannot be loaded at the moment.`, true);
  }

  #backOnline() {
    if (this.player.audio.error && this.#wasPlaying) {
      this.tryAgain();
    } else if (this.player.audio.error) {
      this.#failures = 0;
      void this.#loadAgain();
    }
  }

  /** Load the clip at the same place, from where the book says it is now. */
  async #loadAgain() {
    const { player } = this;
    const { book, track, seconds } = player;
    const isWanted = () => player.track !== null && player.track.id === track?.id;
    if (book === null || track === null) {
      return;
    }
    await player.read(book.id, isWanted);
    if (isWanted()) {
      player.track = player.queue?.nearest(track.chapter_number) ?? track;
      player.load(player.track.audio_url, seconds);
      if (player.wantsToPlay) {
        player.play();
      }
    }
  }
}
