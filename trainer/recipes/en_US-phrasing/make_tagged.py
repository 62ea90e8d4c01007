#!/usr/bin/env python3
"""Lets festival tag sentences: a part of speech for each word, and where it pauses.

Usage: make_tagged.py [--wordnet FOLDER] [LIST.csv ...] > tagged.txt

LIST.csv has lines of id|text, as the recipes' sentence lists; of WordNet's files (Debian: wordnet-base, in
/usr/share/wordnet) the examples of use are taken. The output is what `m2tts-trainer phrasing train` and
`phrasing eval` read (trainer/phrasing/tagged_text.h). Needs festival with its voice cmu_us_slt_arctic_hts,
which reads nothing aloud here: 45 000 sentences take about three minutes on one core.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

# The modules of festival up to the one that finds phrase breaks; a line for each word, a blank line after each
# sentence.
PROGRAM = """(voice_cmu_us_slt_arctic_hts)
(define (tag text out)
  (unwind-protect
   (let ((utt (eval (list 'Utterance 'Text text))))
     (Initialize utt) (Text utt) (Token_POS utt) (Token utt) (POS utt) (Phrasify utt)
     (mapcar (lambda (w) (format out "%s\\t%s\\t%s\\n" (item.name w) (item.feat w "pos") (item.feat w "pbreak")))
             (utt.relation.items utt 'Word)))
   nil)
  (format out "\\n"))
"""
PLAIN = re.compile(r"[A-Za-z ,.;:'?!\"()-]+")
SPOKEN = re.compile(r"[a-z0-9]")


def wordnet_examples(folder):
    for path in sorted(pathlib.Path(folder).glob("data.*")):
        for line in path.read_text(errors="replace").splitlines():
            for example in re.findall(r'"([^"]+)"', line):
                example = example.strip()
                if example.count(" ") < 3 or len(example) >= 300 or not PLAIN.fullmatch(example):
                    continue
                sentence = example[0].upper() + example[1:]
                yield sentence if sentence[-1] in ".?!" else sentence + "."


def listed_sentences(path):
    for line in pathlib.Path(path).read_text().splitlines():
        yield line.split("|", 1)[1]


def tagged(rows):
    """The rows of one sentence -> one line of tagged text; empty when there is nothing to say."""
    tokens = []
    for word, tag, pause in rows:
        word, pause = word.lower(), pause != "NB"
        if not SPOKEN.search(word):  # punctuation: it counts where it makes a pause
            if tokens and pause and tokens[-1] != ",":
                tokens[-1:] = [","] if tokens[-1] == "|" else [tokens[-1], ","]
            continue
        if word.startswith("-") or " " in word:
            return ""
        tokens.append(f"{word}/{'sym' if tag == 'punc' else tag}")
        if pause:
            tokens.append("|")
    while tokens and tokens[-1] in ",|":
        tokens.pop()
    return " ".join(tokens)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lists", nargs="*", metavar="LIST.csv")
    parser.add_argument("--wordnet", metavar="FOLDER")
    arguments = parser.parse_args()
    sentences = []
    for path in arguments.lists:
        sentences += listed_sentences(path)
    if arguments.wordnet:
        sentences += sorted(set(wordnet_examples(arguments.wordnet)))
    if not sentences:
        parser.error("no sentences: name a list, or --wordnet")
    with tempfile.TemporaryDirectory() as folder:
        script, out = pathlib.Path(folder) / "tag.scm", pathlib.Path(folder) / "out.txt"
        quoted = (s.replace("\\", "\\\\").replace('"', '\\"') for s in sentences)
        script.write_text(PROGRAM + f'(set! out (fopen "{out}" "w"))\n' +
                          "".join(f'(tag "{s}" out)\n' for s in quoted) + "(fclose out)\n")
        subprocess.run(["festival", "--batch", script], check=True)
        for sentence in out.read_text(errors="replace").split("\n\n"):
            rows = [line.split("\t") for line in sentence.splitlines() if line.count("\t") == 2]
            if line := tagged(rows):
                print(line)


if __name__ == "__main__":
    sys.exit(main())
