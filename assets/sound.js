/* A line as sound: from left to right, the higher the loss the higher the tone; a click at each apparent minimum, and noise
   while the slope is negative. The loss crackles all along; the noise stops once, near the optimum. */
(function () {
  "use strict";

  const SECONDS = 6;
  const LOW = 220; // Hz, and two octaves above it

  const state = { audio: null };

  /* The curve of a chart's first series, as plain numbers. */
  function curve(name) {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    return plot && plot._fullData ? Array.from(plot._fullData[0].y) : [];
  }

  function stop() {
    if (state.audio) {
      state.audio.close();
      state.audio = null;
    }
  }

  function noise(audio) {
    const buffer = audio.createBuffer(1, audio.sampleRate, audio.sampleRate);
    const samples = buffer.getChannelData(0);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = 2 * Math.random() - 1;
    }
    const source = audio.createBufferSource();
    source.buffer = buffer;
    source.loop = true;
    return source;
  }

  /* What is heard at each point: the tone's height in octaves, whether the slope is negative, whether it is a minimum.
     Where the loss is not finite nothing changes. */
  function score(loss, slope) {
    const finite = loss.filter(Number.isFinite);
    const low = Math.min(...finite);
    const high = Math.max(...finite);
    return loss.map((value, index) => ({
      octave: Number.isFinite(value) ? (2 * (value - low)) / (high - low || 1) : null,
      negative: slope[index] < 0,
      minimum: index > 0 && index < loss.length - 1 && loss[index - 1] > value && value < loss[index + 1],
    }));
  }

  function play(audio, points) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const hiss = noise(audio);
    const hissVolume = audio.createGain();
    tone.type = "triangle";
    volume.gain.value = 0.15;
    hissVolume.gain.value = 0;
    tone.connect(volume).connect(audio.destination);
    hiss.connect(hissVolume).connect(audio.destination);
    const step = SECONDS / points.length;
    points.forEach((point, index) => {
      if (point.octave !== null) {
        const at = audio.currentTime + index * step;
        tone.frequency.setValueAtTime(LOW * 2 ** point.octave, at);
        hissVolume.gain.setValueAtTime(point.negative ? 0.06 : 0, at);
        volume.gain.setValueAtTime(point.minimum ? 0.35 : 0.15, at);
      }
    });
    tone.start();
    hiss.start();
    tone.stop(audio.currentTime + SECONDS);
    hiss.stop(audio.currentTime + SECONDS);
    tone.onended = stop;
  }

  function listen() {
    if (state.audio) {
      stop();
      window.batchscape.say("Stopped.");
      return;
    }
    const points = score(curve("explore-line-loss"), curve("explore-line-slope"));
    if (points.length < 3 || document.getElementById("view-explore").hidden) {
      window.batchscape.say("Open Explore to hear its line.");
      return;
    }
    state.audio = new AudioContext();
    try {
      play(state.audio, points);
    } catch (problem) {
      stop();
      throw problem;
    }
    const minima = points.filter((point) => point.minimum).length;
    window.batchscape.say(`Listening: loss as pitch, noise while the slope is negative; ${minima} minima, louder.`);
  }

  window.batchscape = Object.assign(window.batchscape || {}, { listen: listen, score: score });

  window.dash_clientside = Object.assign({}, window.dash_clientside);
  window.dash_clientside.batchscape = Object.assign({}, window.dash_clientside.batchscape, {
    listen: function () {
      listen();
      return window.dash_clientside.no_update;
    },
  });
})();
