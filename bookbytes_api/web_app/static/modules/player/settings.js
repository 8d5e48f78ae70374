/** Speed and volume, which the browser keeps for the person. */
import { announce } from "../announcements.js";

export const SPEEDS = [0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 2.75, 3];

export class Settings {
  /**
   * @param {import("./player.js").Player} player
   * @param {import("./kept_values.js").KeptValues} kept
   */
  constructor(player, kept) {
    this.player = player;
    this.kept = kept;
    const speed = kept.get("speed", 1);
    player.speed = SPEEDS.includes(speed) ? speed : 1;
    player.audio.volume = Math.min(1, Math.max(0, Number(kept.get("volume", 1))));
  }

  get speed() {
    return this.player.speed;
  }

  set speed(/** @type {number} */ speed) {
    this.player.speed = speed;
    this.kept.set("speed", speed);
  }

  get volume() {
    return this.player.audio.volume;
  }

  set volume(/** @type {number} */ volume) {
    this.player.audio.volume = Math.min(1, Math.max(0, volume));
    this.player.audio.muted = false;
    this.kept.set("volume", this.volume);
    this.player.emit("volume");
  }

  /** @param {1 | -1} steps faster or slower */
  changeSpeed(steps) {
    const speed = SPEEDS[SPEEDS.indexOf(this.speed) + steps];
    if (speed !== undefined) {
      this.speed = speed;
      announce(`Speed ${speed}`);
    }
  }

  /** @param {number} by from -1 to 1 */
  changeVolume(by) {
    this.volume = Math.round((this.volume + by) * 10) / 10;
    announce(`Volume ${Math.round(this.volume * 100)} %`);
  }

  toggleMute() {
    const { audio } = this.player;
    audio.muted = !audio.muted;
    this.player.emit("volume");
    announce(audio.muted ? "Sound off" : "Sound on");
  }
}
