#!/usr/bin/env python3
"""Picks the clips of the recipe out of LJ Speech 1.1: `lj_train.txt` and `lj_test.txt` list their ids.

    make_lj_subset.py LJSPEECH OUTPUT

Writes OUTPUT/lj-train and OUTPUT/lj-test in LJ Speech's layout, with links to the recordings.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    corpus, output = (pathlib.Path(argument) for argument in sys.argv[1:])
    rows = {line.split("|", 1)[0]: line for line in
            (corpus / "metadata.csv").read_text(encoding="utf-8").splitlines()}
    for part in ("train", "test"):
        ids = (HERE / f"lj_{part}.txt").read_text().split()
        missing = [i for i in ids if i not in rows or not (corpus / "wavs" / f"{i}.wav").is_file()]
        if missing:
            sys.exit(f"{corpus}: {len(missing)} clips are missing, the first is {missing[0]}")
        folder = output / f"lj-{part}"
        (folder / "wavs").mkdir(parents=True, exist_ok=True)
        for i in ids:
            link = folder / "wavs" / f"{i}.wav"
            link.unlink(missing_ok=True)
            link.symlink_to((corpus / "wavs" / f"{i}.wav").resolve())
        (folder / "metadata.csv").write_text("".join(rows[i] + "\n" for i in ids), encoding="utf-8")
        print(f"{folder}: {len(ids)} clips")


if __name__ == "__main__":
    main()
