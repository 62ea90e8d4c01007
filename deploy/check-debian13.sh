#!/bin/sh
# Builds core/ and trainer/ (-DM2TTS_SERVER=OFF) against the LibTorch 2.x of Debian 13, and runs their tests, in a
# chroot that debootstrap makes:
#
#   deploy/check-debian13.sh [FOLDER]        as root; FOLDER (build/debian13) takes about 8 GB
#
# The chroot and what was built in it are kept, so that a second call is short. MIRROR names a Debian mirror, JOBS
# the number of compilers.
set -eu

folder=${1:-build/debian13}
mirror=${MIRROR:-http://deb.debian.org/debian}
jobs=${JOBS:-$(nproc)}
source=$(cd "$(dirname "$0")/.." && pwd)

fail() {
  echo "check-debian13: $2" >&2
  exit "$1"
}

[ "$(uname -s)" = Linux ] || fail 69 "debootstrap works on Linux only"
[ "$(id -u)" = 0 ] || fail 77 "chroots are for root: sudo $0"
command -v debootstrap > /dev/null || fail 69 "debootstrap is needed: apt install debootstrap"

mkdir -p "$folder"
root=$(cd "$folder" && pwd)/root
if [ ! -f "$root/etc/m2tts-ready" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase trixie "$root" "$mirror"
  touch "$root/etc/m2tts-ready"
fi

# Undone at the end, however that comes.
unmount() {
  for place in m2tts/source proc dev; do
    if mountpoint -q "$root/$place"; then umount "$root/$place"; fi
  done
}
trap unmount EXIT
trap 'exit 130' INT TERM
mkdir -p "$root/m2tts/source" "$root/m2tts/build"
mount --bind "$source" "$root/m2tts/source"
mount -o remount,ro,bind "$root/m2tts/source"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"

chroot "$root" /bin/sh -eu -c "
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  apt-get -qq update
  /m2tts/source/deploy/setup.sh test
  git config --global --add safe.directory /m2tts/source
  cmake -S /m2tts/source -B /m2tts/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DM2TTS_SERVER=OFF -DM2TTS_TESTS=ON > /m2tts/configure.log 2>&1 ||
    { cat /m2tts/configure.log; exit 1; }
  cmake --build /m2tts/build --parallel $jobs
  ctest --test-dir /m2tts/build --output-on-failure
"
echo "check-debian13: core/ and trainer/ build and pass their tests on Debian 13"
