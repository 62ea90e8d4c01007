// m2tts say: text in, audio out, as it is made.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "client/audio_encodings.h"
#include "client/audio_sink.h"
#include "client/cli.h"
#include "client/commands/say_text.h"
#include "client/commands/speech_flags.h"
#include "client/commands/text_flags.h"
#include "client/json.h"
#include "client/terminal.h"
#include "client/timestamps/timestamp_file.h"
#include "core/base/file.h"

namespace m2tts {
namespace {

constexpr size_t kMaxWordBytes = 4096;  // of text without white space, sent at once

struct SayOptions {
  TextSource text;
  std::string output;
  bool play = false;
  bool live = false;
  bool timings = false;
  std::string timestamps;  // file
  SpeechFlags speech;
  TextFlags reading;
};

// Takes the parts of a stream: audio to the sinks, the rest into the result.
class SpeechReceiver {
 public:
  SpeechReceiver(std::vector<std::unique_ptr<AudioSink>> sinks, std::ostream* progress)
      : sinks_(std::move(sinks)), progress_(progress) {}

  Status Take(const v1::SynthesizeStreamResponse& part) {
    if (part.has_header()) header_ = part.header();
    if (part.has_summary()) summary_ = part.summary();
    timed_.sample_rate = sample_rate();
    timed_.total_samples = summary_.total_samples();
    if (!part.has_chunk()) return OkStatus();
    const v1::AudioChunk& chunk = part.chunk();
    timed_.words.insert(timed_.words.end(), chunk.words().begin(), chunk.words().end());
    timed_.marks.insert(timed_.marks.end(), chunk.marks().begin(), chunk.marks().end());
    timed_.sentences.insert(timed_.sentences.end(), chunk.sentences().begin(), chunk.sentences().end());
    samples_ += part.chunk().sample_count();
    ShowProgress();
    for (auto& sink : sinks_) {
      sink_status_ = sink->Write(part.chunk().audio());
      M2TTS_RETURN_IF_ERROR(sink_status_);
    }
    return OkStatus();
  }

  Status Finish() {
    for (auto& sink : sinks_) {
      sink_status_ = sink->Finish();
      M2TTS_RETURN_IF_ERROR(sink_status_);
    }
    return OkStatus();
  }

  void ClearProgress() const {
    if (progress_ != nullptr) *progress_ << "\r\033[K" << std::flush;
  }

  // An error of the output, not of the call.
  const Status& sink_status() const { return sink_status_; }
  const v1::StreamHeader& header() const { return header_; }
  const v1::SynthesisSummary& summary() const { return summary_; }
  // Without the text.
  const TimedSpeech& timed() const { return timed_; }
  int sample_rate() const { return std::max(1, header_.sample_rate_hertz()); }

 private:
  void ShowProgress() const {
    if (progress_ == nullptr) return;
    *progress_ << fmt::format("\r{:.1f} s of audio", static_cast<double>(samples_) / sample_rate())
               << std::flush;
  }

  std::vector<std::unique_ptr<AudioSink>> sinks_;
  std::ostream* const progress_;  // nullptr: none
  Status sink_status_;
  v1::StreamHeader header_;
  v1::SynthesisSummary summary_;
  TimedSpeech timed_;
  int64_t samples_ = 0;
};

void PrintTimings(const SpeechReceiver& speech, std::ostream& out) {
  for (const auto& word : speech.timed().words) {
    const double start = static_cast<double>(word.first_sample()) / speech.sample_rate();
    const double end = start + static_cast<double>(word.sample_count()) / speech.sample_rate();
    out << fmt::format("{:.3f}\t{:.3f}\t{}\n", start, end, Harmless(word.text()));
  }
  out << std::flush;
}

Json ResultToJson(const SayOptions& options, const SpeechReceiver& speech) {
  Json words = Json::array();
  for (const auto& word : speech.timed().words) words.push_back(ToJson(word, speech.sample_rate()));
  Json marks = Json::array();
  for (const auto& mark : speech.timed().marks) marks.push_back(ToJson(mark, speech.sample_rate()));
  Json sentences = Json::array();
  for (const auto& sentence : speech.timed().sentences)
    sentences.push_back(ToJson(sentence, speech.sample_rate()));
  Json warnings = Json::array();
  for (const auto& warning : speech.summary().warnings()) warnings.push_back(ToJson(warning));
  const int64_t samples = speech.summary().total_samples();
  return {{"output", options.output.empty() ? Json() : Json(options.output)},
          {"voice", speech.header().voice()},
          {"speaker", speech.header().speaker()},
          {"sample_rate_hertz", speech.header().sample_rate_hertz()},
          {"samples", samples},
          {"seconds", static_cast<double>(samples) / speech.sample_rate()},
          {"normalized_text", speech.summary().normalized_text()},
          {"timings", ToJson(speech.summary().timings())},
          {"sentences", sentences},
          {"words", words},
          {"marks", marks},
          {"warnings", warnings}};
}

void PrintResult(const SayOptions& options, const CliContext& context, const SpeechReceiver& speech) {
  const CliIo& io = context.io;
  for (const auto& warning : speech.summary().warnings()) {
    *io.err << fmt::format("m2tts: warning: bytes {} to {}: {}\n", warning.range().begin(),
                           warning.range().end(), Harmless(warning.message()));
  }
  if (context.json) {
    PrintJson(ResultToJson(options, speech), *io.out);
  } else if (options.timings) {
    PrintTimings(speech, options.output == "-" ? *io.err : *io.out);
  }
  if (!io.err_is_terminal || options.output.empty() || options.output == "-") return;
  const double seconds = static_cast<double>(speech.summary().total_samples()) / speech.sample_rate();
  *io.err << fmt::format("{}: {:.2f} s of {} at {} Hz, first audio after {:.0f} ms, all after {:.0f} ms\n",
                         options.output, seconds, Harmless(speech.header().voice()), speech.sample_rate(),
                         1e3 * Seconds(speech.summary().timings().first_audio()),
                         1e3 * Seconds(speech.summary().timings().total()));
}

Status CheckCombination(const SayOptions& options, v1::AudioEncoding encoding, bool json) {
  if (options.output.empty() && !options.play) {
    return InvalidArgument("where should the audio go? Pass -o FILE, -o - for standard output, or --play");
  }
  if (options.live && (!options.text.words.empty() || !options.text.file.empty())) {
    return InvalidArgument("--live speaks what arrives on standard input; it takes no text and no -f");
  }
  if (options.live && options.reading.ssml)
    return InvalidArgument("--live takes no SSML: a document is whole");
  if (options.play && encoding != v1::AUDIO_ENCODING_WAV) {
    return InvalidArgument("--play works with WAV only; without it, -o FILE takes every encoding");
  }
  if (!options.timestamps.empty()) M2TTS_RETURN_IF_ERROR(TimestampFormatOf(options.timestamps).status());
  if (json && options.output == "-") return InvalidArgument("--json and -o - both want standard output");
  return OkStatus();
}

// The next word of `in` with the white space behind it, as soon as that is there.
std::optional<std::string> NextWord(std::istream* in) {
  std::string word;
  for (int c = in->get(); c != std::istream::traits_type::eof(); c = in->get()) {
    word += static_cast<char>(c);
    if (c == ' ' || c == '\n' || c == '\t' || (word.size() >= kMaxWordBytes && c < 0x80)) return word;
  }
  return word.empty() ? std::nullopt : std::optional<std::string>(std::move(word));
}

Status WriteTimestamps(const SayOptions& options, TimedSpeech speech, std::string text) {
  if (options.timestamps.empty()) return OkStatus();
  M2TTS_ASSIGN_OR_RETURN(const TimestampFormat format, TimestampFormatOf(options.timestamps));
  speech.text = std::move(text);
  speech.ssml = options.reading.ssml || options.live;  // then its places are not in `text`
  return WriteFileAtomic(options.timestamps, FormatTimestamps(speech, format));
}

ExitCode RunSay(SayOptions options, const CliContext& context) {
  v1::AudioEncoding& encoding = options.speech.encoding;
  if (encoding == v1::AUDIO_ENCODING_UNSPECIFIED) encoding = EncodingForFile(options.output);
  if (Status status = CheckCombination(options, encoding, context.json); !status.ok()) {
    return context.Fail(kExitUsage, status);
  }
  auto request = ToSpeechRequest(options.speech);
  if (!request.ok()) return context.Fail(kExitUsage, request.status());
  StatusOr<std::string> text = "";
  if (!options.live) text = ReadText(options.text, context.io);
  if (!text.ok()) return FailText(context, text.status());
  auto text_options = ToTextOptions(options.reading);
  if (!text_options.ok()) return context.Fail(kExitNoInput, text_options.status());
  request->set_text(*text);
  *request->mutable_text_options() = *std::move(text_options);
  if (const auto format = TimestampFormatOf(options.timestamps); format.ok()) {
    request->set_timestamps(TimestampsFor(*format));
  }

  // Before the file is opened: from then on an interrupt has something to clean up.
  SynthesisClient client(context.client);
  ScopedInterruptHandler on_interrupt(context.io.interrupts, [&client] { client.Cancel(); });
  std::vector<std::unique_ptr<AudioSink>> sinks;
  // The player first: when it fails, the file is not put in its place.
  if (options.play) {
    auto player = OpenPlayerSink();
    if (!player.ok()) return context.Fail(kExitUnavailable, player.status());
    sinks.push_back(std::move(*player));
  }
  if (options.output == "-") {
    sinks.push_back(MakeStreamSink(context.io.out));
  } else if (!options.output.empty()) {
    auto file = OpenFileSink(options.output, encoding == v1::AUDIO_ENCODING_WAV);
    if (!file.ok()) return context.Fail(kExitOutput, file.status());
    sinks.push_back(std::move(*file));
  }

  SpeechReceiver speech(std::move(sinks), context.io.err_is_terminal ? context.io.err : nullptr);
  const auto take = [&speech](const v1::SynthesizeStreamResponse& part) { return speech.Take(part); };
  Status status = options.live ? client.SynthesizeLive(
                                     *request, [in = context.io.in] { return NextWord(in); }, take)
                               : client.SynthesizeStream(*request, take);
  // Before the audio is put in its place, for the same reason.
  Status timestamps;
  if (status.ok()) timestamps = WriteTimestamps(options, speech.timed(), *std::move(text));
  if (status.ok() && timestamps.ok()) status = speech.Finish();
  speech.ClearProgress();
  if (!timestamps.ok()) return context.Fail(kExitOutput, timestamps);
  if (!speech.sink_status().ok()) return context.Fail(kExitOutput, speech.sink_status());
  if (!status.ok()) return context.FailCall(status);
  PrintResult(options, context, speech);
  return kExitOk;
}

}  // namespace

void AddSayCommand(CLI::App* app, CliContext* context) {
  auto options = std::make_shared<SayOptions>();
  CLI::App* command = app->add_subcommand("say", "Speak a text into a file, a player or a pipe");
  AddTextSource(command, &options->text);
  AddTextFlags(command, &options->reading);
  command->add_option("-o,--output", options->output, "Write the audio to FILE; - is standard output")
      ->type_name("FILE");
  command->add_flag("--play", options->play, "Play it with aplay, afplay, paplay or ffplay");
  command->add_flag("--live", options->live,
                    "Speak what arrives on standard input while it arrives, sentence by sentence");
  command->add_flag("--timings", options->timings, "Print start and end in seconds of every word");
  command
      ->add_option("--timestamps", options->timestamps,
                   "Write places of sentences, words and sounds: .json, .srt, .vtt or .TextGrid")
      ->type_name("FILE");
  AddSpeechFlags(command, &options->speech);
  command->footer(
      "Examples:\n"
      "  m2tts say \"Good morning.\" -o morning.wav\n"
      "  m2tts say -f book.txt -o book.opus\n"
      "  m2tts say -f letter.txt --play --speed 0.9\n"
      "  echo \"From a pipe.\" | m2tts say -o - --encoding pcm16 --rate 8000 > pipe.raw\n"
      "  m2tts say -f talk.txt -o talk.mp3 --timestamps talk.srt --loudness -16\n"
      "  m2tts say --ssml -f page.ssml --lexicon names.txt -o page.wav\n"
      "  m2tts say -o x.wav -- \"-5 degrees\"          (text that begins with a dash)\n"
      "  ollama run llama3 \"Tell me a story\" | m2tts say --live --play\n"
      "The file appears only when it is complete.");
  command->callback(
      [context, options] { context->run = [context, options] { return RunSay(*options, *context); }; });
}

}  // namespace m2tts
