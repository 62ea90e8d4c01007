#!/usr/bin/env python3
"""Chooses the sentences that a free synthesizer reads to make the en_US-slt corpus.

Usage: make_sentences.py LJSPEECH_METADATA_CSV [OUTPUT_FOLDER]

Reads LJ Speech's metadata.csv (id|text|normalized) and writes, as id|text:
  sentences.csv       training and validation: about 3200 sentences and 200 short utterances
  more_sentences.csv  6000 further ones, for a second, longer training
  rest_sentences.csv  all others, and 4000 made of the halves of two sentences, for a third
  test_sentences.csv  200 sentences, disjoint from both, never used in training

Seeded: the same input gives the same files. The order of sentences.csv is random, so that
its first N lines are a fair smaller corpus.
"""
import collections
import pathlib
import random
import re
import sys

SEED = 20240301
TRAIN, GREEDY, SHORTER, MORE, MIXED, TEST = 3200, 800, 150, 6000, 4000, 200
PLAIN = re.compile(r"[A-Za-z ,.;:'?!\"()-]+")  # ASCII, digits already spelled out
SIMPLE = re.compile(r"[A-Za-z][a-z]*(?:[ ,;-]+[A-Za-z][a-z]*)*[.?!]?")
ABBREVIATION = re.compile(r"\b(?:[A-Z]{2,}|[A-Z]\.|Mr|Mrs|Dr|St|Co|Jr|Hon|Rev|Capt|Col|Gen|Esq|viz|etc)\b")

NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
           "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety").split()
WORDS = ("yes no hello goodbye thanks please sorry maybe today tomorrow yesterday morning evening weather music "
         "water house garden river mountain ocean bridge market kitchen window table chair picture journey measure "
         "pleasure thing thought weather voice enjoy house cow church judge yellow young usual vision").split()
PHRASES = """Yes. No. Okay. Hello! Hello, world! Good morning. Good afternoon. Good evening. Good night. Goodbye.
Thank you. Thank you very much. You're welcome. Please wait. Excuse me. I'm sorry. Of course. Not yet. Right now.
See you soon. What time is it? How are you? Who is there? Where are you? Why not? What's that? Is it ready?
Are you sure? Can you hear me? Which one? Really? How much? How far? Come in. Sit down. Stop! Look out! Well done!
Congratulations! Watch your step. Turn left. Turn right. Go straight ahead. Mind the gap. Doors closing. Next stop.
Try again. Press any key. Wrong password. Access denied. Battery low. Message sent. No new messages. Call ended.
Task complete. Download finished. Server started. Connection lost. Welcome back. Happy birthday! Merry Christmas!
Once upon a time. The end. Chapter one. Page twenty. Monday. Tuesday. Wednesday. Thursday. Friday. Saturday. Sunday.
January. February. March. April. May. June. July. August. September. October. November. December. Half past three.
Quarter to nine. Ten o'clock. Twenty twenty-four. One hundred. One thousand. Two million. Three point one four.
Five percent. Ten dollars. A quick test. Testing, one, two. The red fox. My name is Anna. It works. I agree.
I don't know. Let's go. Nice to meet you. That's all. So what? Oh, I see. Um, maybe. Ah! Hm. Left. Right. Up. Down.
On. Off. North. South. East. West. Help! Fire! Quiet, please."""
LETTERS = ["A B C.", "D E F.", "G H I.", "J K L.", "M N O.", "P Q R.", "S T U.", "V W X.", "Y and Z.", "U S A.",
           "B B C.", "H T T P.", "G P U.", "C P U.", "P D F."]


def short_utterances():
    phrases = re.findall(r"[^.?!]+[.?!]", " ".join(PHRASES.split()))
    words = [w.capitalize() + "." for w in NUMBERS + WORDS]
    unique = dict.fromkeys([p.strip() for p in phrases] + LETTERS + words)
    return [(f"SHORT-{i + 1:04d}", text) for i, text in enumerate(unique)]


def trigrams(text):
    """Letter trigrams: a cheap stand-in for diphones that needs no pronouncing dictionary."""
    letters = re.sub(r"[^a-z]+", " ", text.lower())
    return {letters[i:i + 3] for i in range(len(letters) - 2)}


def pick_greedily(pool, count):
    """Takes, from a random handful at a time, the sentence with the most rare trigrams."""
    seen = collections.Counter()
    chosen, rest = [], list(pool)
    while len(chosen) < count:
        handful = rest[-40:]
        best = max(handful, key=lambda item: sum(1 / (1 + seen[t]) ** 2 for t in trigrams(item[1])))
        rest.remove(best)
        rest.insert(0, rest.pop())  # so that the handful changes even when its head is dull
        chosen.append(best)
        seen.update(trigrams(best[1]))
    return chosen


def mixed(items, rng):
    """Sentences no book has: the beginning of one, up to a comma, and the end of another. They mean little, and
    ask for durations and pitch in contexts that are new."""
    heads, tails = [], []
    for _, text in items:
        cuts = [m.end() for m in re.finditer(r"[,;] ", text)]
        if not cuts or re.search(r"[\"()]", text):
            continue
        heads += [text[:cut] for cut in cuts[:1] if 15 <= cut <= 75]
        tails += [text[cut:] for cut in cuts[-1:] if 15 <= len(text) - cut <= 75]
    rng.shuffle(heads)
    rng.shuffle(tails)
    return [(f"MIX-{i + 1:04d}", head + tail) for i, (head, tail) in enumerate(zip(heads, tails))][:MIXED]


def main():
    source = pathlib.Path(sys.argv[1])
    output = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent
    rng = random.Random(SEED)
    items, texts = [], set()
    for line in source.read_text(encoding="utf-8").splitlines():
        name, _, text = line.split("|")
        text = " ".join(text.split())
        if PLAIN.fullmatch(text) and text not in texts:
            texts.add(text)
            items.append((name, text))
    rng.shuffle(items)

    test = [i for i in items if 40 <= len(i[1]) <= 120 and SIMPLE.fullmatch(i[1])
            and not ABBREVIATION.search(i[1])][:TEST]
    held_out = {name for name, _ in test}
    items = [i for i in items if i[0] not in held_out]

    body = [i for i in items if 30 <= len(i[1]) <= 140]
    chosen = [i for i in items if 12 <= len(i[1]) < 30][:SHORTER]
    chosen += [i for i in body if "?" in i[1] or "!" in i[1]]
    taken = {name for name, _ in chosen}
    chosen += pick_greedily([i for i in body if i[0] not in taken], GREEDY)
    taken = {name for name, _ in chosen}
    chosen += [i for i in body if i[0] not in taken][:TRAIN - len(chosen)]
    taken = {name for name, _ in chosen}
    more = [i for i in items if i[0] not in taken and 12 <= len(i[1]) <= 140][:MORE]
    taken |= {name for name, _ in more}
    rest = [i for i in items if i[0] not in taken and len(i[1]) >= 12]
    chosen += short_utterances()
    rng.shuffle(chosen)
    rest += mixed(items, rng)
    rng.shuffle(rest)

    for name, rows in (("sentences.csv", chosen), ("more_sentences.csv", more), ("rest_sentences.csv", rest),
                       ("test_sentences.csv", test)):
        (output / name).write_text("".join(f"{i}|{t}\n" for i, t in rows), encoding="utf-8")
        print(f"{name}: {len(rows)} sentences, {sum(len(t) for _, t in rows) / 15 / 3600:.1f} h at 15 characters/s")


if __name__ == "__main__":
    main()
