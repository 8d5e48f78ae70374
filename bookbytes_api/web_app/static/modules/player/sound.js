/** The `<audio>` element: one clip at a time, from a place in it, at a speed that stays. */

const NEARLY_OVER_S = 0.5;

export class Sound extends EventTarget {
  /** Whether it plays, or will as soon as it can. */
  wantsToPlay = false;
  /** @type {number | null} where to begin, until the browser knows the clip well enough to go there */
  #begin = null;

  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    super();
    this.audio = audio;
    audio.addEventListener("loadedmetadata", () => this.#goToBegin());
    for (const name of ["timeupdate", "durationchange"]) {
      audio.addEventListener(name, () => this.dispatchEvent(new Event("time")));
    }
    audio.addEventListener("pause", () => this.#followBrowser());
    audio.addEventListener("play", () => this.#followBrowser());
  }

  /** Where the clip is, in seconds. */
  get seconds() {
    return this.#begin ?? this.audio.currentTime;
  }

  /** The length of the clip in seconds, 0 until the browser knows it. */
  get duration() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : 0;
  }

  get speed() {
    return this.audio.defaultPlaybackRate;
  }

  set speed(/** @type {number} */ speed) {
    this.audio.preservesPitch = true;
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    this.emit("speed");
  }

  /**
   * @param {string} url
   * @param {number} seconds
   */
  load(url, seconds) {
    this.#begin = seconds;
    this.audio.src = url;
    this.audio.load();
  }

  /** Within a tap: browsers that let nothing play without one let this element play from now on. */
  unlock() {
    if (!this.audio.src) {
      this.audio.load();
    }
  }

  play() {
    const isNew = !this.wantsToPlay;
    this.wantsToPlay = true;
    if (isNew) {
      this.emit("play");
    }
    this.audio.play().catch((/** @type {unknown} */ error) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") {
        this.pause();
      }
    });
  }

  pause() {
    const wasPlaying = this.wantsToPlay;
    this.wantsToPlay = false;
    this.audio.pause();
    if (wasPlaying) {
      this.emit("pause");
    }
  }

  toggle() {
    if (this.wantsToPlay) {
      this.pause();
    } else {
      this.play();
    }
  }

  /** @param {number} seconds from the start of the clip; it is not the listener who goes there */
  moveTo(seconds) {
    const last = this.duration ? Math.max(0, this.duration - NEARLY_OVER_S) : Infinity;
    this.#begin = Math.max(0, Math.min(seconds, last));
    if (this.audio.readyState > HTMLMediaElement.HAVE_NOTHING) {
      this.#goToBegin();
    }
  }

  /** @param {number} seconds from the start of the clip */
  seek(seconds) {
    this.moveTo(seconds);
    this.emit("seek");
  }

  /** @param {number} seconds forward, or back if negative */
  skip(seconds) {
    this.seek(this.seconds + seconds);
  }

  /** @param {string} name */
  emit(name) {
    this.dispatchEvent(new Event(name));
    this.dispatchEvent(new Event("change"));
  }

  #goToBegin() {
    if (this.#begin !== null) {
      this.audio.currentTime = this.#begin;
      this.#begin = null;
    }
  }

  /** The headphones were unplugged, or a key of the system was pressed. */
  #followBrowser() {
    const isOurs = this.audio.paused !== this.wantsToPlay || this.audio.ended || this.audio.error !== null;
    if (!isOurs) {
      this.wantsToPlay = !this.audio.paused;
      this.emit(this.wantsToPlay ? "play" : "pause");
    }
  }
}
