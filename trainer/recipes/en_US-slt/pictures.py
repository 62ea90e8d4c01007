#!/usr/bin/env python3
"""Draws spectrograms of the teacher and the voice for the model card.

  pictures.py TEACHER.wav VOICE.wav OUTPUT.png

Needs numpy and matplotlib (profile `voice` of deploy/setup.sh).
"""

import sys
import wave

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

N_FFT, HOP = 1024, 256


def read(path):
    with wave.open(path) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2") / 32768.0
        return samples, file.getframerate()


def spectrogram_db(samples):
    window = np.hanning(N_FFT + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(samples, N_FFT)[::HOP]
    return 20 * np.log10(np.abs(np.fft.rfft(frames * window)).T + 1e-4)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    figure, axes = plt.subplots(2, 1, figsize=(10, 6), sharex=True, constrained_layout=True)
    for axis, path, title in zip(axes, sys.argv[1:3], ("teacher (festival slt-hts)", "en_US-slt (m2tts)")):
        samples, rate = read(path)
        image = spectrogram_db(samples)
        axis.imshow(image, origin="lower", aspect="auto", cmap="magma", vmin=-60, vmax=40,
                    extent=(0, len(samples) / rate, 0, rate / 2000))
        axis.set_ylim(0, 11.025)
        axis.set_ylabel("kHz")
        axis.set_title(title, loc="left")
    axes[1].set_xlabel("seconds")
    figure.savefig(sys.argv[3], dpi=80)


if __name__ == "__main__":
    main()
