#include "client/commands/speech_flags.h"

#include <CLI/CLI.hpp>
#include <sstream>

#include "client/audio_encodings.h"

namespace m2tts {
namespace {

Status ReadMix(const std::string& mix, v1::VoiceSelection* selection) {
  std::istringstream shares(mix);
  for (std::string share; std::getline(shares, share, ',');) {
    const size_t equals = share.rfind('=');
    v1::SpeakerWeight* speaker = selection->add_speakers();
    speaker->set_name(share.substr(0, equals));
    char* end = nullptr;
    const std::string weight = equals == std::string::npos ? "" : share.substr(equals + 1);
    speaker->set_weight(std::strtod(weight.c_str(), &end));
    if (weight.empty() || *end != '\0' || speaker->name().empty()) {
      return InvalidArgument("--mix: '{}' is not SPEAKER=WEIGHT", share);
    }
  }
  return OkStatus();
}

}  // namespace

void AddSpeechFlags(CLI::App* command, SpeechFlags* flags, const std::string& rate_flag) {
  command->add_option("--voice", flags->voice, "Voice; 'm2tts voices' lists them")->type_name("NAME");
  auto* speaker = command->add_option("--speaker", flags->speaker, "Speaker of the voice")->type_name("NAME");
  command->add_option("--mix", flags->mix, "A mixture of speakers instead: slt=0.7,lj=0.3")
      ->type_name("NAME=WEIGHT,...")
      ->excludes(speaker);
  command->add_option("--speed", flags->speed, "Rate of speech, 0.25 to 4; 2 is twice as fast");
  command->add_option("--pitch", flags->pitch, "Shift in semitones, -12 to 12");
  command->add_option("--volume", flags->volume, "Gain, 0 to 4");
  command->add_option("--loudness", flags->loudness, "Loudness of the voice, -40 to -10; podcasts use -16")
      ->type_name("LUFS");
  command->add_option("--sentence-pause", flags->sentence_pause, "Silence after a sentence, 0 to 10")
      ->type_name("SECONDS");
  command->add_option("--paragraph-pause", flags->paragraph_pause, "Silence after a paragraph, 0 to 30")
      ->type_name("SECONDS");
  command->add_option("--pause-scale", flags->pause_scale, "Factor on all other pauses, 0 to 4");
  command->add_option("--variation", flags->variation, "How much pitch and tempo vary at random, 0 to 1");
  command->add_option("--seed", flags->seed, "Seed of the variation")->type_name("NUMBER");
  command
      ->add_option("--encoding", flags->encoding,
                   "wav, pcm16, flac, f32, opus, mp3, mulaw or alaw; default by the name of the output")
      ->transform(CLI::CheckedTransformer(NamedEncodings(), CLI::ignore_case).description(""))
      ->type_name("NAME");
  command
      ->add_option(
          rate_flag, flags->sample_rate,
          "Samples per second, 8000 to 48000; default the voice's own, or the nearest of the encoding")
      ->type_name("HZ");
}

StatusOr<v1::SynthesizeRequest> ToSpeechRequest(const SpeechFlags& flags) {
  v1::SynthesizeRequest request;
  request.mutable_voice()->set_voice(flags.voice);
  request.mutable_voice()->set_speaker(flags.speaker);
  M2TTS_RETURN_IF_ERROR(ReadMix(flags.mix, request.mutable_voice()));
  auto* controls = request.mutable_controls();
  if (flags.speed) controls->set_speed(*flags.speed);
  if (flags.pitch) controls->set_pitch(*flags.pitch);
  if (flags.volume) controls->set_volume(*flags.volume);
  if (flags.pause_scale) controls->set_pause_scale(*flags.pause_scale);
  if (flags.sentence_pause) controls->set_sentence_pause_seconds(*flags.sentence_pause);
  if (flags.paragraph_pause) controls->set_paragraph_pause_seconds(*flags.paragraph_pause);
  if (flags.variation) controls->set_variation(*flags.variation);
  if (flags.seed) controls->set_seed(*flags.seed);
  if (flags.loudness) controls->set_loudness_lufs(*flags.loudness);
  request.mutable_audio_format()->set_encoding(flags.encoding);
  request.mutable_audio_format()->set_sample_rate_hertz(flags.sample_rate);
  return request;
}

}  // namespace m2tts
