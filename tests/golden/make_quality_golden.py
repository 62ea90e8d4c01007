#!/usr/bin/env python3
"""Golden values of STOI and ViSQOL for the tests of trainer/evaluation, by NumPy and SciPy from the papers alone.

Prints what stoi_test.cc and visqol_test.cc expect. Needs python3-numpy and python3-scipy:
    python3 tests/golden/make_quality_golden.py
"""
import numpy as np
from scipy import ndimage, signal


def speech_like(rate):
    """As SpeechLike() in tests/trainer/evaluation/damaged_speech.h."""
    t = np.arange(2 * rate) / rate
    pitch = 120 + 20 * np.sin(2 * t)
    phase = np.cumsum(2 * np.pi * pitch / rate)
    total = np.zeros_like(t)
    for h in range(1, 31):
        gain = 0.02 + sum(np.exp(-(((h * pitch - f) / 200) ** 2))
                          for f in (500 + 200 * np.sin(9 * t), 1500 + 500 * np.cos(7 * t)))
        total += gain * np.sin(h * phase)
    return 0.1 * total * (0.1 + np.sin(4 * np.pi * t) ** 2)


def with_noise(wave, snr_db):
    state, noise = 1, np.empty(len(wave))
    for i in range(len(wave)):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        noise[i] = state / 2147483648.0 - 1.0
    return wave + noise * np.sqrt(np.mean(wave**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)


def stoi(x, y):
    """Taal et al. 2011, at 10 kHz."""
    window = np.hanning(258)[1:-1]
    frames = lambda w: np.stack([w[i:i + 256] * window for i in range(0, len(w) - 255, 128)])
    a, b = frames(x), frames(y)
    energy = 20 * np.log10(np.linalg.norm(a, axis=1) + 1e-12)
    keep = energy > energy.max() - 40

    def bands(kept):
        wave = np.zeros((len(kept) - 1) * 128 + 256)
        for i, frame in enumerate(kept):
            wave[128 * i:128 * i + 256] += frame
        spectrum = np.abs(np.fft.rfft(frames(wave), 512, axis=1)) ** 2
        hz = np.arange(257) * 10000 / 512
        edge = lambda f: np.argmin(np.abs(hz - f))
        centres = 150 * 2 ** (np.arange(15) / 3)
        return np.stack([np.sqrt(spectrum[:, edge(c * 2 ** (-1 / 6)):edge(c * 2 ** (1 / 6))].sum(1)) for c in centres])

    p, q, scores = bands(a[keep]), bands(b[keep]), []
    for m in range(30, p.shape[1] + 1):
        u, v = p[:, m - 30:m], q[:, m - 30:m]
        v = v * np.linalg.norm(u, axis=1, keepdims=True) / np.linalg.norm(v, axis=1, keepdims=True)
        v = np.minimum(v, u * (1 + 10 ** (15 / 20)))
        scores += [np.corrcoef(u[j], v[j])[0, 1] for j in range(15)]
    return np.mean(scores)


def visqol(x, y, rate=16000, window=1280, hop=320, bands=21):
    """Speech mode of version 3.3 for signals in time with each other."""
    offset = 9.26449 * 24.7
    step = np.log((50 + offset) / (8000 + offset)) / bands
    centres = (8000 + offset) * np.exp(np.arange(bands, 0, -1) * step) - offset

    def sections(hz):
        width = 1.019 * 2 * np.pi * (hz / 9.26449 + 24.7)
        angle, decay = 2 * np.pi * hz / rate, np.exp(-width / rate)
        roots = [s * np.sqrt(3 + r * 2**1.5) for r in (1, -1) for s in (1, -1)]
        sos = np.array([[1, -(np.cos(angle) + r * np.sin(angle)) * decay, 0, 1, -2 * np.cos(angle) * decay, decay**2]
                        for r in roots])
        sos[0, :3] /= np.abs(signal.sosfreqz(sos, [angle])[1][0])
        return sos

    def levels(wave):
        frames = np.stack([wave[i:i + window] for i in range(0, len(wave) - window + 1, hop)]) * np.hanning(window)
        rms = [np.sqrt((signal.sosfilt(sections(c), frames, axis=1) ** 2).mean(1)) for c in centres]
        return np.maximum(10 * np.log10(np.maximum(rms, np.finfo(float).eps)), -45)

    kernel = np.array([[0.0113033910173052, 0.0838251475442633, 0.0113033910173052],
                       [0.0838251475442633, 0.619485845753726, 0.0838251475442633],
                       [0.0113033910173052, 0.0838251475442633, 0.0113033910173052]])

    def nsim(p, q, c1=0.01**2, c3=0.03**2 / 2):
        mean = lambda m: ndimage.convolve(m, kernel, mode="nearest")
        mp, mq = mean(p), mean(q)
        vp, vq, vpq = mean(p * p) - mp * mp, mean(q * q) - mq * mq, mean(p * q) - mp * mq
        structure = (vpq + c3) / (np.sqrt(np.maximum(vp * vq, 0)) + c3)
        return np.mean((2 * mp * mq + c1) / (mp * mp + mq * mq + c1) * structure)

    a, b = levels(x), levels(y * np.sqrt(np.mean(x**2) / np.mean(y**2)))
    floor = np.maximum(a.max(0), b.max(0)) - 45
    a, b = np.maximum(a, floor), np.maximum(b, floor)
    least = min(a.min(), b.min())
    a, b, scores = a - least, b - least, []
    for first in range(9, a.shape[1] - 19, 20):
        chunks = x[first * hop:(first + 20) * hop].reshape(20, hop)
        if np.sqrt((chunks**2).mean(1)).max() >= x.max() * 5000 / 32768:
            scores.append(nsim(a[:, first:first + 20], b[:, first:first + 20]))
    mos = 1.245063 * (-262.847869 + np.exp(0.0154302525 * (np.mean(scores) + 361.063949)))
    return np.clip(mos, 1, 5)


for snr_db in (30, 10, 0):
    print(f"{snr_db:3} dB  STOI {stoi(speech_like(10000), with_noise(speech_like(10000), snr_db)):.5f}"
          f"  ViSQOL {visqol(speech_like(16000), with_noise(speech_like(16000), snr_db)):.4f}")
