# For people. Each target does what it needs first (packages, configure, build) and nothing twice,
# asks nothing and needs no terminal. CMake does the work; see CMakePresets.json to use it directly.

PREFIX ?= /usr/local
# LibTorch sources take up to 2 GB each to compile, so not blindly one job per core.
JOBS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); [ $$n -gt 8 ] && n=8; echo $$n)
TEST_JOBS ?= 2
CONFIG ?= configs/stage2_ljspeech.yaml
BUILD = build/release
TRAINER = $(BUILD)/trainer/m2tts-trainer
RECIPE = trainer/recipes/en_US-slt
PROGRAMS = m2ttsd m2tts m2tts-trainer m2tts_lexicon
FUZZ_SECONDS ?= 60
SOURCES = git ls-files '*.cc' '*.h'

.DEFAULT_GOAL := help
.PHONY: help run test bench soak kills voice train download-data install format lint check-asan check-tsan check-clang check-debian13 fuzz \
        programs everything setup-run setup-test setup-voice setup-lint

help:  ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' Makefile

run: programs  ## Start the daemon with the shipped voice, speak a sentence, serve until Ctrl-C
	@deploy/run.sh $(BUILD)

test: everything  ## Build everything and run all tests
	@ctest --preset release --parallel $(TEST_JOBS)

# All of them run, whatever goal is missed; then the exit says so.
bench: everything  ## Measure speed, latency, memory and start-up of the built daemon; fails when a goal is missed
	@missed=0; \
	for bench in bench load_bench jobs_bench text_bench; do \
	  python3 tests/benchmarks/$$bench.py --build-dir $(BUILD) || missed=1; \
	done; \
	for bench in synthesis_bench scheduler_sim job_store_bench frontend_bench train_bench; do \
	  $(BUILD)/tests/benchmarks/$$bench || missed=1; \
	done; \
	exit $$missed

soak: programs  ## Send 10 000 mixed requests to the built daemon, load a voice 500 times; memory must stay flat
	@python3 tests/benchmarks/soak.py --build-dir $(BUILD)

kills: everything  ## Kill worker and daemon 50 times at random; jobs must end as if nothing had been
	@M2TTS_KILLS=50 $(BUILD)/tests/integration/jobs_test --gtest_filter='*KillsChangeNothing'

voice: setup-voice programs  ## Retrain the shipped voice from nothing (hours; resumes when interrupted)
	@$(TRAINER) corpus $(RECIPE)/sentences.csv -o data/corpus-slt
	@$(TRAINER) corpus $(RECIPE)/test_sentences.csv -o data/corpus-slt-test
	@$(TRAINER) corpus $(RECIPE)/more_sentences.csv -o data/corpus-slt-more
	@$(TRAINER) corpus $(RECIPE)/rest_sentences.csv -o data/corpus-slt-rest --limit 5500
	@$(TRAINER) train $(RECIPE)/config.yaml --run runs/en_US-slt
	@$(TRAINER) train $(RECIPE)/2_longer.yaml --run runs/en_US-slt-2
	@$(TRAINER) train $(RECIPE)/3_more.yaml --run runs/en_US-slt-3 --stages aligner,acoustic
	@$(TRAINER) train $(RECIPE)/4_vocoder.yaml --run runs/en_US-slt-4 --stages aligner,vocoder
	@$(TRAINER) train $(RECIPE)/5_rest.yaml --run runs/en_US-slt-5 --stages aligner,acoustic
	@$(TRAINER) train $(RECIPE)/6_cepstra.yaml --run runs/en_US-slt-6 --stages aligner,vocoder
	@$(TRAINER) train $(RECIPE)/7_phrases.yaml --run runs/en_US-slt-7 --stages aligner,acoustic
	@mkdir -p runs/en_US-slt-voice && cp -r runs/en_US-slt-7/acoustic runs/en_US-slt-6/vocoder runs/en_US-slt-voice
	@$(TRAINER) export runs/en_US-slt-voice -o voices/en_US-slt
	@$(TRAINER) eval voices/en_US-slt --data data/corpus-slt-test

train: programs  ## Train with CONFIG (configs/stage2_ljspeech.yaml; see download-data)
	@$(TRAINER) train $(CONFIG)

download-data: setup-test  ## Download LJ Speech 1.1 (2.6 GB) into data/; CORPUS=vctk: speakers of VCTK (11 GB)
	@deploy/download-data.sh data $(CORPUS)

install: programs  ## Install daemon, client, trainer and voices under PREFIX (/usr/local)
	@cmake --install $(BUILD) --prefix $(PREFIX)

format: setup-lint  ## Format all C++ sources
	@$(SOURCES) | xargs clang-format -i

# Sources are checked as they are compiled, several at a time: that takes a fifth of the time of one by one.
lint: setup-lint  ## Check formatting, and run clang-tidy on every source
	@$(SOURCES) | xargs clang-format --dry-run -Werror
	@cmake --preset clang > /dev/null
	@cmake --build --preset clang --parallel $(JOBS)
	@grep -o '"file": "[^"]*"' build/clang/compile_commands.json | cut -d'"' -f4 | grep -v /generated/ | \
	  xargs -P $(JOBS) -n 1 clang-tidy --quiet -p build/clang

check-asan: setup-test  ## Run the tests under the address and undefined-behaviour sanitizers
	@cmake --preset asan && cmake --build --preset asan --parallel $(JOBS) && ctest --preset asan

check-tsan: setup-test  ## Run the tests under the thread sanitizer
	@cmake --preset tsan && cmake --build --preset tsan --parallel $(JOBS) && ctest --preset tsan

check-clang: setup-lint  ## Build with clang, where a wrong lock is an error, and run the tests
	@cmake --preset clang && cmake --build --preset clang --parallel $(JOBS) && ctest --preset clang

check-debian13:  ## Build and test core and trainer against LibTorch 2.x, in a Debian 13 chroot (root, 8 GB)
	@deploy/check-debian13.sh

fuzz: setup-lint  ## Feed the parsers hostile input, FUZZ_SECONDS (60) for each
	@cmake --preset fuzz > /dev/null
	@cmake --build build/fuzz --parallel $(JOBS) \
	  --target ssml_fuzz user_lexicon_fuzz frontend_fuzz lease_fuzz worker_message_fuzz
	@for target in ssml user_lexicon frontend lease worker_message; do \
	  mkdir -p build/fuzz/found/$$target && \
	  build/fuzz/tests/fuzz/$${target}_fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -max_len=8192 \
	    -artifact_prefix=build/fuzz/$$target- build/fuzz/found/$$target tests/fuzz/corpus/$$target || exit 1; \
	done

setup-run setup-test setup-voice setup-lint: setup-%:
	@deploy/setup.sh $*

# Only what serves: no test packages, no test binaries.
programs: setup-run
	@test -f $(BUILD)/build.ninja || cmake --preset release -DM2TTS_TESTS=OFF
	@cmake --build --preset release --parallel $(JOBS) --target $(PROGRAMS)

everything: setup-test
	@grep -qs M2TTS_TESTS:BOOL=ON $(BUILD)/CMakeCache.txt || cmake --preset release -DM2TTS_TESTS=ON
	@cmake --build --preset release --parallel $(JOBS)
