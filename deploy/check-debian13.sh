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
  for place in work/source proc dev; do
    if mountpoint -q "$root/$place"; then umount "$root/$place"; fi
  done
}
trap unmount EXIT
trap 'exit 130' INT TERM
mkdir -p "$root/work/source" "$root/work/build"
mount --bind "$source" "$root/work/source"
mount -o remount,ro,bind "$root/work/source"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"

chroot "$root" /bin/sh -eu -c "
  export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
  apt-get -qq update
  /work/source/deploy/setup.sh test
  git config --global --add safe.directory /work/source
  cmake -S /work/source -B /work/build -G Ninja -DCMAKE_BUILD_TYPE=Release -DM2TTS_SERVER=OFF -DM2TTS_TESTS=ON > /work/configure.log 2>&1 ||
    { cat /work/configure.log; exit 1; }
  cmake --build /work/build --parallel $jobs
  ctest --test-dir /work/build --output-on-failure
"
echo "check-debian13: core/ and trainer/ build and pass their tests on Debian 13"
