import type { Sound } from './logic/rules';

interface Note {
  /** Seconds after the sound's beginning. */
  at: number;
  hertz: number;
  seconds: number;
  shape: OscillatorType;
}

const NOTES: Record<Exclude<Sound, 'none'>, readonly Note[]> = {
  chime: [
    { at: 0, hertz: 660, seconds: 0.3, shape: 'sine' },
    { at: 0.13, hertz: 880, seconds: 0.45, shape: 'sine' },
  ],
  ping: [{ at: 0, hertz: 1_320, seconds: 0.22, shape: 'sine' }],
  knock: [
    { at: 0, hertz: 180, seconds: 0.09, shape: 'triangle' },
    { at: 0.15, hertz: 150, seconds: 0.11, shape: 'triangle' },
  ],
};
const LOUDNESS = 0.25;
const ATTACK_S = 0.008;
/** Exponential fading never reaches zero. */
const SILENCE = 0.0001;

/** Plays a rule's sounds, which are made and not loaded. */
export class Player {
  private context: AudioContext | null = null;

  /** Browsers let a page be heard only after a click or a key on it: call this from one. */
  wake(): void {
    if (typeof AudioContext === 'undefined') return;
    this.context ??= new AudioContext();
    if (this.context.state !== 'running') void this.context.resume();
  }

  play(sound: Sound): void {
    if (sound === 'none' || !mayBeHeard()) return;
    this.wake();
    const { context } = this;
    if (context === null) return;
    for (const note of NOTES[sound]) ring(context, note);
  }
}

/** Whether the browser lets a sound be heard: not before a click or a key on the page. */
export function mayBeHeard(): boolean {
  // Browsers that do not tell are taken at their best.
  const activation = navigator.userActivation as UserActivation | undefined;
  return activation?.hasBeenActive ?? true;
}

function ring(context: AudioContext, { at, hertz, seconds, shape }: Note): void {
  const begin = context.currentTime + at;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.type = shape;
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(SILENCE, begin);
  gain.gain.exponentialRampToValueAtTime(LOUDNESS, begin + ATTACK_S);
  gain.gain.exponentialRampToValueAtTime(SILENCE, begin + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + seconds);
}
