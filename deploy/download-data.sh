#!/bin/sh
# Downloads LJ Speech 1.1 (2.6 GB, public domain) and unpacks it: DIR/LJSpeech-1.1.
#
#   deploy/download-data.sh [DIR]      default: data
#
# An interrupted download goes on where it stopped. The archive is checked before it is unpacked.
set -eu

dir=${1:-data}
url=https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2
sha256=be1a30453f28eb8dd26af4101ae40cbf2c50413b1bb21936cbcdc6fae3de8aa5
archive=$dir/LJSpeech-1.1.tar.bz2
corpus=$dir/LJSpeech-1.1

if [ -f "$corpus/.complete" ]; then
  echo "download-data: $corpus is already here"
  exit 0
fi
command -v curl > /dev/null || { echo "download-data: curl is needed; run deploy/setup.sh test" >&2; exit 69; }

sha256_of() {
  if command -v sha256sum > /dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

mkdir -p "$dir"
if [ ! -f "$archive" ] || [ "$(sha256_of "$archive")" != "$sha256" ]; then
  if ! curl --fail --location --retry 3 --connect-timeout 15 --continue-at - --output "$archive" "$url"; then
    echo "download-data: cannot download $url. Is there a network? What has come so far is kept: run" >&2
    echo "this again, or put the archive at $archive yourself." >&2
    exit 69
  fi
  actual=$(sha256_of "$archive")
  if [ "$actual" != "$sha256" ]; then
    echo "download-data: $archive is damaged (SHA-256 $actual, expected $sha256): remove it and try again" >&2
    exit 65
  fi
fi

tar -xjf "$archive" -C "$dir"
: > "$corpus/.complete"
echo "download-data: $corpus is ready"
