#include "core/text/frontend.h"

#include <deque>
#include <iterator>

#include "core/text/arpabet.h"
#include "core/text/lexicon_files.h"
#include "core/text/marked_reader.h"
#include "core/text/markup/inline_phonemes.h"
#include "core/text/markup/ssml.h"
#include "core/text/normalizer.h"
#include "core/text/phrasing/phrase_model.h"
#include "core/text/pronouncer.h"
#include "core/text/sentence_builder.h"
#include "core/text/sentence_splitter.h"
#include "core/text/word_guesser.h"

namespace m2tts {
namespace {

// Below this a single word may not fit with its specials.
constexpr size_t kMinSentencePhonemes = 16;

void MoveWarnings(std::vector<TextWarning>* from, std::vector<TextWarning>* to) {
  to->insert(to->begin(), std::make_move_iterator(from->begin()), std::make_move_iterator(from->end()));
  from->clear();
}

class EnglishReader : public SentenceReader {
 public:
  EnglishReader(std::string text, ReadOptions options, const Lexicon* lexicon, const Pronouncer* pronouncer,
                const PhraseModel* phrasing, size_t max_phonemes)
      : text_(std::move(text)),
        options_(std::move(options)),
        context_{*lexicon, options_.style, &options_.user},
        splitter_(text_),
        pronouncer_(pronouncer),
        phrasing_(phrasing),
        max_phonemes_(max_phonemes) {}

  std::optional<Sentence> Next() override {
    while (ready_.empty()) {
      const std::optional<RawSentence> raw = splitter_.Next();
      if (!raw) return std::nullopt;
      Read(*raw);
    }
    Sentence sentence = std::move(ready_.front());
    ready_.pop_front();
    return sentence;
  }

  const std::vector<TextWarning>& trailing_warnings() const override { return pending_; }

 private:
  void Read(const RawSentence& raw) {
    const std::string_view bytes =
        std::string_view(text_).substr(raw.range.begin, raw.range.end - raw.range.begin);
    const std::vector<SpokenItem> items = Normalize(bytes, raw.range.begin, context_, &pending_);
    if (raw.forced) {
      pending_.push_back(
          {TextWarning::Kind::kLongSentence, raw.range,
           "a stretch without a sentence end is over the length limit and is spoken in parts"});
    }
    ready_ = BuildSentences(items, *pronouncer_,
                            {max_phonemes_, first_phonemes_, &options_.user, kLongPause, phrasing_,
                             options_.style.phrase_breaks});
    if (ready_.empty()) return;  // its warnings wait for the next sentence
    first_phonemes_ = 0;
    MoveWarnings(&pending_, &ready_.front().warnings);
    ready_.back().ends_paragraph = raw.ends_paragraph;
  }

  const std::string text_;
  const ReadOptions options_;
  const NormalizerContext context_;
  SentenceSplitter splitter_;
  const Pronouncer* pronouncer_;
  const PhraseModel* phrasing_;
  const size_t max_phonemes_;
  size_t first_phonemes_ = kFirstPartPhonemes;  // until the first sentence
  std::deque<Sentence> ready_;
  std::vector<TextWarning> pending_;
};

class EnglishFrontend : public TextFrontend {
 public:
  EnglishFrontend(std::unique_ptr<const Lexicon> lexicon, std::unique_ptr<const WordGuesser> guesser,
                  std::unique_ptr<const PhraseModel> phrasing, size_t max_phonemes)
      : lexicon_(std::move(lexicon)),
        guesser_(std::move(guesser)),
        phrasing_(std::move(phrasing)),
        pronouncer_(lexicon_.get(), guesser_.get()),
        max_phonemes_(max_phonemes) {}

  StatusOr<std::unique_ptr<SentenceReader>> Read(std::string text,
                                                 const ReadOptions& options) const override {
    if (const size_t bad = FindInvalidUtf8(text); bad != std::string::npos) {
      return InvalidArgument("text: {} at byte {}; send UTF-8 text",
                             text[bad] == 0 ? "NUL character" : "invalid UTF-8", bad);
    }
    if (options.ssml) {
      M2TTS_ASSIGN_OR_RETURN(MarkedText marked, ParseSsml(text));
      return std::make_unique<MarkedReader>(std::move(marked), options, lexicon_.get(), &pronouncer_,
                                            phrasing_.get(), max_phonemes_);
    }
    if (options.inline_phonemes) {
      if (std::optional<MarkedText> marked = FindInlinePhonemes(text)) {
        return std::make_unique<MarkedReader>(*std::move(marked), options, lexicon_.get(), &pronouncer_,
                                              phrasing_.get(), max_phonemes_);
      }
    }
    return std::make_unique<EnglishReader>(std::move(text), options, lexicon_.get(), &pronouncer_,
                                           phrasing_.get(), max_phonemes_);
  }

 private:
  std::unique_ptr<const Lexicon> lexicon_;
  std::unique_ptr<const WordGuesser> guesser_;
  std::unique_ptr<const PhraseModel> phrasing_;
  Pronouncer pronouncer_;
  size_t max_phonemes_;
};

}  // namespace

StatusOr<std::unique_ptr<TextFrontend>> TextFrontend::Create(const TextFrontendOptions& options) {
  if (options.max_sentence_phonemes < kMinSentencePhonemes) {
    return InvalidArgument("max_sentence_phonemes: {} is below {}", options.max_sentence_phonemes,
                           kMinSentencePhonemes);
  }
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<const Lexicon> lexicon, Lexicon::Open(options.lexicon_path));
  const auto given = [&](const std::filesystem::path& path, const char* extension) {
    return path.empty() ? ModelBeside(options.lexicon_path, extension) : path;
  };
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<const WordGuesser> guesser,
                         WordGuesser::Open(given(options.g2p_path, kG2pExtension)));
  M2TTS_ASSIGN_OR_RETURN(std::unique_ptr<const PhraseModel> phrasing,
                         PhraseModel::Open(given(options.phrasing_path, kPhrasingExtension)));
  return std::make_unique<EnglishFrontend>(std::move(lexicon), std::move(guesser), std::move(phrasing),
                                           options.max_sentence_phonemes);
}

std::string FormatPhonemes(const Sentence& sentence) {
  std::string out;
  int32_t word = -1;
  for (const Phoneme& phoneme : sentence.phonemes) {
    if (phoneme.word < 0) continue;
    if (!out.empty()) out += phoneme.word == word ? " " : " | ";
    word = phoneme.word;
    AppendArpabet({phoneme.id, phoneme.stress}, &out);
  }
  return out;
}

}  // namespace m2tts
