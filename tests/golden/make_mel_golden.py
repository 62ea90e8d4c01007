#!/usr/bin/env python3
"""Makes the golden log-mel spectrograms that tests/core/audio/mel_test.cc compares with.

    python3 tests/golden/make_mel_golden.py

An independent implementation of librosa's formulas in double precision, with numpy alone and
a DFT written as a matrix, so that it shares no code and no FFT with what it checks:
librosa.feature.melspectrogram(y, sr=22050, n_fft=1024, hop_length=256, window="hann",
center=True, pad_mode="reflect", power=1.0, n_mels=64, fmin=0, fmax=11025, htk=False,
norm="slaney"), then log(max(mel, 1e-5)).

Writes mel/<clip>.f64 (little-endian float64, [n_mels][frames]) and mel/index.json.
"""
import json
import pathlib
import wave

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CLIPS = HERE.parent / "data" / "ljspeech"
SAMPLE_RATE, N_FFT, HOP, N_MELS, F_MIN, F_MAX, FLOOR = 22050, 1024, 256, 64, 0.0, 11025.0, 1e-5


def hz_to_mel(hz):
    linear = np.asarray(hz, dtype=np.float64) / (200.0 / 3)
    log = 15.0 + np.log(np.maximum(hz, 1e-10) / 1000.0) / (np.log(6.4) / 27.0)
    return np.where(np.asarray(hz) >= 1000.0, log, linear)


def mel_to_hz(mel):
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel >= 15.0, 1000.0 * np.exp(np.log(6.4) / 27.0 * (mel - 15.0)), mel * (200.0 / 3))


def mel_filters():
    bins = np.linspace(0, SAMPLE_RATE / 2, N_FFT // 2 + 1)
    edges = mel_to_hz(np.linspace(hz_to_mel(F_MIN), hz_to_mel(F_MAX), N_MELS + 2))
    width = np.diff(edges)
    ramps = edges[:, None] - bins[None, :]
    lower = -ramps[:-2] / width[:-1, None]
    upper = ramps[2:] / width[1:, None]
    return np.maximum(0, np.minimum(lower, upper)) * (2.0 / (edges[2:] - edges[:-2]))[:, None]


def log_mel(samples):
    padded = np.pad(samples, N_FFT // 2, mode="reflect")
    count = 1 + (len(padded) - N_FFT) // HOP
    n = np.arange(N_FFT)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * n / N_FFT)
    frames = np.stack([padded[t * HOP:t * HOP + N_FFT] * window for t in range(count)], axis=1)
    k = np.arange(N_FFT // 2 + 1)
    dft = np.exp(-2j * np.pi * (np.outer(k, n) % N_FFT) / N_FFT)
    return np.log(np.maximum(mel_filters() @ np.abs(dft @ frames), FLOOR))


def main():
    index = {}
    for path in sorted(CLIPS.glob("*.wav")):
        with wave.open(str(path)) as clip:
            assert (clip.getframerate(), clip.getnchannels(), clip.getsampwidth()) == (SAMPLE_RATE, 1, 2)
            samples = np.frombuffer(clip.readframes(clip.getnframes()), "<i2") / 32768.0
        mel = log_mel(samples)
        (HERE / "mel" / f"{path.stem}.f64").write_bytes(mel.astype("<f8").tobytes())
        index[path.stem] = {"n_mels": mel.shape[0], "frames": mel.shape[1]}
    (HERE / "mel" / "index.json").write_text(json.dumps(index, indent=2) + "\n")


if __name__ == "__main__":
    main()
