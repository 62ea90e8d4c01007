#!/bin/sh
# Installs what m2tts needs to build and run: the list of packages for Debian. deploy/Brewfile holds
# that for macOS (without festival: no `make voice` there).
#
#   deploy/setup.sh [run|test|voice|lint]
#
# Profiles are cumulative: `run` (build and run daemon, client and trainer), `test` (and the tests
# and benchmarks), `voice` (and retraining the shipped voice), `lint` (and clang's tools).
# Debian 12 or newer by apt, macOS by Homebrew (deploy/Brewfile). Safe to run again: it installs
# only what is missing, asks nothing, and calls sudo only when there is something to install.
# M2TTS_SKIP_SETUP=1 makes it do nothing, for systems whose packages come from elsewhere.
set -eu

RUN='g++ make cmake ninja-build ccache pkg-config git
  libtorch-dev libgloo-dev libopenblas0-openmp libjemalloc-dev
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev
  libsndfile1-dev libsoxr-dev libebur128-dev libutf8proc-dev libexpat1-dev libpng-dev libssl-dev
  libspdlog-dev libfmt-dev libcli11-dev libyaml-cpp-dev nlohmann-json3-dev
  prometheus-cpp-dev libcpp-httplib-dev libsqlitecpp-dev'
TEST='libgtest-dev libgmock-dev libbenchmark-dev prometheus python3 python3-numpy curl unzip bzip2
  pocketsphinx pocketsphinx-en-us flite espeak-ng openssl'
VOICE='festival festvox-us-slt-hts wordnet-base sox python3-matplotlib'
LINT='clang clang-tidy clang-format'

profile=${1:-run}
case $profile in
  run) packages=$RUN ;;
  test) packages="$RUN $TEST" ;;
  voice) packages="$RUN $TEST $VOICE" ;;
  lint) packages="$RUN $TEST $VOICE $LINT" ;;
  *) echo "setup: unknown profile '$profile'; use run, test, voice or lint" >&2; exit 64 ;;
esac

if [ "${M2TTS_SKIP_SETUP:-0}" = 1 ]; then
  exit 0
fi

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    echo "setup: these packages are missing and there is no sudo; as root, run: $*" >&2
    exit 77
  fi
}

setup_debian() {
  missing=
  for package in $packages; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)
    [ "$state" = installed ] || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0

  echo "setup: installing$missing"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  # shellcheck disable=SC2086  # a list of words
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 \
    install --no-install-recommends $missing > /dev/null

  # The tests start a Prometheus of their own; Debian's package would also run one as a service.
  case " $missing " in
    *' prometheus '*)
      if [ -d /run/systemd/system ]; then as_root systemctl disable --now --quiet prometheus || true; fi ;;
  esac
}

setup_macos() {
  if ! command -v brew > /dev/null; then
    echo "setup: Homebrew is needed: see https://brew.sh" >&2
    exit 69
  fi
  brewfile=$(dirname "$0")/Brewfile
  HOMEBREW_M2TTS_PROFILE=$profile brew bundle check --quiet --file="$brewfile" > /dev/null 2>&1 ||
    HOMEBREW_M2TTS_PROFILE=$profile brew bundle install --quiet --no-upgrade --file="$brewfile"
}

if [ "$(uname -s)" = Darwin ]; then
  setup_macos
elif command -v apt-get > /dev/null; then
  setup_debian
else
  echo "setup: only Debian (apt) and macOS (Homebrew) are known here. Install the equivalents of:" >&2
  echo "$packages" >&2
  echo "and set M2TTS_SKIP_SETUP=1." >&2
  exit 69
fi
