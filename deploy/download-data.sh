#!/bin/sh
# Downloads speech and unpacks it under DIR:
#
#   deploy/download-data.sh [DIR] [ljspeech]      LJ Speech 1.1 (2.6 GB, public domain): DIR/LJSpeech-1.1
#   deploy/download-data.sh DIR vctk              VCTK 0.92 (11 GB, CC BY 4.0), of which the speakers of
#                                                 SPEAKERS are unpacked: DIR/VCTK-0.92
#
# SPEAKERS is a list of VCTK speakers divided by spaces. An interrupted download goes on where it
# stopped. An archive is checked before it is unpacked.
set -eu

dir=${1:-data}
name=${2:-ljspeech}
speakers=${SPEAKERS:-p225 p226 p227 p228 p229 p230 p231 p232}

fail() {
  echo "download-data: $2" >&2
  exit "$1"
}

need() {
  command -v "$1" > /dev/null || fail 69 "$1 is needed; run deploy/setup.sh test"
}

# As sha256 on Linux and macOS.
sha256_of() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# fetch URL ARCHIVE SHA256
fetch() {
  need curl
  mkdir -p "$dir"
  if [ -f "$2" ] && [ "$(sha256_of "$2")" = "$3" ]; then return; fi
  curl --fail --location --retry 3 --connect-timeout 15 --continue-at - --output "$2" "$1" ||
    fail 69 "cannot download $1. Is there a network? What has come so far is kept: run this again, or put the archive at $2 yourself."
  actual=$(sha256_of "$2")
  [ "$actual" = "$3" ] || fail 65 "$2 is damaged (SHA-256 $actual, expected $3): remove it and try again"
}

ljspeech() {
  corpus=$dir/LJSpeech-1.1
  if [ -f "$corpus/.complete" ]; then return; fi
  need tar
  need bzip2
  fetch https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2 "$dir/LJSpeech-1.1.tar.bz2" \
    be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5
  tar -xjf "$dir/LJSpeech-1.1.tar.bz2" -C "$dir"
  : > "$corpus/.complete"
}

vctk() {
  corpus=$dir/VCTK-0.92
  need unzip
  fetch https://datashare.is.ed.ac.uk/bitstream/handle/10283/3443/VCTK-Corpus-0.92.zip "$dir/VCTK-Corpus-0.92.zip" \
    f96258be9fdc2cbff6559541aae7ea4f59df3fcaf5cf963aae5ca647357e359c
  for speaker in $speakers; do
    [ -f "$corpus/.complete-$speaker" ] && continue
    code=0
    unzip -q -o "$dir/VCTK-Corpus-0.92.zip" "*txt/$speaker/*" "*wav48_silence_trimmed/$speaker/*_mic1.flac" \
      -d "$corpus" || code=$?
    case $code in
      0) : > "$corpus/.complete-$speaker" ;;
      11) fail 65 "VCTK has no speaker '$speaker', or not both texts and recordings" ;;
      *) fail 74 "cannot unpack speaker '$speaker' (unzip ended with $code). Is there room in $corpus? Run this again then." ;;
    esac
  done
}

case $name in
  ljspeech) ljspeech ;;
  vctk) vctk ;;
  *) fail 64 "unknown corpus '$name': ljspeech or vctk" ;;
esac
echo "download-data: $corpus is ready"
