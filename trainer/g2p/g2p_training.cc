#include "trainer/g2p/g2p_training.h"

#include "trainer/g2p/model_writer.h"

namespace m2tts {

StatusOr<std::string> TrainG2p(const std::vector<DictionaryEntry>& words, const G2pOptions& options,
                               const std::function<void(const std::string&)>& progress) {
  const auto say = [&](const std::string& line) {
    if (progress) progress(line);
  };
  const std::vector<AlignedWord> aligned = AlignDictionary(words, options.align);
  if (aligned.empty())
    return InvalidArgument("none of {} words can be aligned with its phonemes", words.size());
  const GraphoneCorpus corpus = MakeGraphones(aligned);
  say(fmt::format("{} words, {} aligned pronunciations, {} graphones", words.size(), aligned.size(),
                  corpus.graphones.size()));
  G2pParts parts;
  parts.graphones = corpus.graphones;
  parts.order = options.ngram.order;
  parts.ngram = TrainNgram(WithoutStress(corpus), options.ngram);
  say(fmt::format("{} n-grams kept", parts.ngram.nodes.size() - 1));
  parts.tagger = TrainTagger(corpus, options.tagger, [&](int epoch, double loss) {
    say(fmt::format("tagger: epoch {} of {}, loss {:.4f}", epoch, options.tagger.epochs, loss));
  });
  parts.ngram_weight = options.ngram_weight;
  parts.tagger_weight = options.tagger_weight;
  return SerializeG2pModel(parts);
}

}  // namespace m2tts
