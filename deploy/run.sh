#!/bin/sh
# Starts the built daemon, speaks one sentence through its API, and serves until Ctrl-C.
#
#   deploy/run.sh BUILD_DIR [m2ttsd arguments]      (`make run` calls it)
set -eu

build=$1
shift
sentence='Hello. I am a voice that this project trained by itself, and this is my first sentence.'
wav=$build/hello.wav
address=${M2TTS_ADDRESS:-127.0.0.1:50551}
m2tts() { "$build/client/m2tts" --address "$address" "$@"; }

if m2tts status > /dev/null 2>&1; then
  echo "run: an m2ttsd already serves on $address; stop it, or set M2TTS_ADDRESS=HOST:PORT" >&2
  exit 1
fi

# A second daemon, at another address, needs another port for its metrics as well: any free one.
case " $* " in
  *' --metrics-listen'*) ;;
  *) if [ -n "${M2TTS_ADDRESS:-}" ]; then set -- --metrics-listen "${M2TTS_METRICS_ADDRESS:-127.0.0.1:0}" "$@"; fi ;;
esac
"$build/server/m2ttsd" --config configs/m2ttsd.yaml --listen "$address" "$@" > /dev/null &
daemon=$!
stopped=0
stop() { stopped=1; kill -TERM $daemon 2> /dev/null || true; }
trap stop INT TERM EXIT

tries=0
until m2tts status > /dev/null 2>&1; do
  kill -0 $daemon 2> /dev/null || { trap - EXIT; wait $daemon && code=1 || code=$?; exit $code; }
  [ $stopped = 0 ] || exit 130
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then
    echo "run: m2ttsd is not ready after 60 seconds; see its log above" >&2
    exit 1
  fi
  sleep 0.2
done

m2tts say "$sentence" -o "$wav"
cat <<END

m2ttsd is serving on $address and has spoken into $wav. In another terminal, try:
  $build/client/m2tts say "What would you like to hear?" --play
  $build/client/m2tts analyze "Dr. Smith paid \$3.50 at 10:30."
  $build/client/m2tts status
Ctrl-C stops it.
END

# The first wait ends with the signal, the second with the drained daemon.
wait $daemon && code=0 || code=$?
if [ $stopped = 1 ]; then wait $daemon && code=0 || code=$?; fi
trap - EXIT
exit $code
