/**
 * A line as sound, from left to right. The loss crackles all along with minima; the noise of negative slopes stops once, near
 * the optimum.
 */
import { publish, showMessage } from "../page/dash.ts";
import { element, graphOf } from "../page/dom.ts";
import { type Tone, tonesOf } from "./tones.ts";

const SECONDS = 6;
const LOWEST = 220; // Hz
const VOLUME = { tone: 0.15, minimum: 0.35, noise: 0.06 };

let playing: AudioContext | null = null;

/** The curve of a chart's first series, as plain numbers. */
const curveOf = (panel: string): number[] => Array.from(graphOf(panel)?._fullData?.[0].y ?? []);

function stop() {
  playing?.close();
  playing = null;
}

function whiteNoise(audio: AudioContext) {
  const buffer = audio.createBuffer(1, audio.sampleRate, audio.sampleRate);
  const samples = buffer.getChannelData(0);
  for (let index = 0; index < samples.length; index += 1) samples[index] = 2 * Math.random() - 1;
  const source = audio.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  return source;
}

function play(audio: AudioContext, tones: Tone[]) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  const noise = whiteNoise(audio);
  const noiseVolume = audio.createGain();
  tone.type = "triangle";
  volume.gain.value = VOLUME.tone;
  noiseVolume.gain.value = 0;
  tone.connect(volume).connect(audio.destination);
  noise.connect(noiseVolume).connect(audio.destination);
  tones.forEach(({ octave, negative, minimum }, index) => {
    if (octave === null) return;
    const at = audio.currentTime + (index * SECONDS) / tones.length;
    tone.frequency.setValueAtTime(LOWEST * 2 ** octave, at);
    noiseVolume.gain.setValueAtTime(negative ? VOLUME.noise : 0, at);
    volume.gain.setValueAtTime(minimum ? VOLUME.minimum : VOLUME.tone, at);
  });
  for (const source of [tone, noise]) {
    source.start();
    source.stop(audio.currentTime + SECONDS);
  }
  tone.onended = stop;
}

/** Start the sound of Explore's line, or stop it. */
export function toggleSound() {
  if (playing) {
    stop();
    showMessage("Stopped.");
    return;
  }
  const tones = tonesOf(curveOf("explore-line-loss"), curveOf("explore-line-slope"));
  if (tones.length < 3 || element("view-explore").hidden) {
    showMessage("Open Explore to hear its line.");
    return;
  }
  playing = new AudioContext();
  try {
    play(playing, tones);
  } catch (error) {
    stop();
    throw error;
  }
  const minima = tones.filter(({ minimum }) => minimum).length;
  showMessage(`Listening: loss as pitch, noise while the slope is negative; ${minima} minima, louder.`);
}

export const installSound = () => publish({ listen: toggleSound });
