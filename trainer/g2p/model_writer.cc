#include "trainer/g2p/model_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/little_endian.h"
#include "core/base/sha256.h"
#include "core/text/phoneme.h"

namespace m2tts {
namespace {

namespace format = g2p_format;

void Pad(std::string* out) {
  while (out->size() % 4 != 0) out->push_back('\0');
}

// Steps of kLogStep below `zero` / 16, in a byte.
char LogByte(float value, int zero) {
  const float steps = std::round(-value / format::kLogStep) + static_cast<float>(zero);
  return static_cast<char>(static_cast<unsigned char>(std::clamp(steps, 0.0F, 255.0F)));
}

// A base for every 64, and the offsets from it.
void PutBegins(const std::vector<uint32_t>& begins, std::string* out) {
  for (size_t i = 0; i < begins.size(); i += format::kNodesPerBase) PutU32(begins[i], out);
  for (size_t i = 0; i < begins.size(); ++i) {
    PutU16(begins[i] - begins[i / format::kNodesPerBase * format::kNodesPerBase], out);
  }
  Pad(out);
}

void PutNgram(const NgramTrie& trie, std::string* out, uint32_t* inner_count, uint32_t* leaf_count) {
  const std::vector<NgramTrie::Node>& nodes = trie.nodes;
  uint32_t inner = 0;
  uint32_t leaves = 0;
  std::vector<uint32_t> inner_begins, leaf_begins;
  std::string inner_symbols, inner_probabilities, backoffs, leaf_symbols, leaf_probabilities;
  uint32_t inner_children = 1;  // the root is nobody's child
  uint32_t leaf_children = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    const NgramTrie::Node& node = nodes[i];
    if (node.children == 0 && i > 0) {
      PutU16(node.symbol, &leaf_symbols);
      leaf_probabilities.push_back(LogByte(node.log_probability, 0));
      ++leaves;
      continue;
    }
    inner_begins.push_back(inner_children);
    leaf_begins.push_back(leaf_children);
    for (uint32_t c = 0; c < node.children; ++c) {
      ++(nodes[node.first_child + c].children == 0 ? leaf_children : inner_children);
    }
    PutU16(node.symbol, &inner_symbols);
    inner_probabilities.push_back(LogByte(node.log_probability, 0));
    backoffs.push_back(LogByte(node.log_backoff, format::kBackoffOffset));
    ++inner;
  }
  inner_begins.push_back(inner_children);
  leaf_begins.push_back(leaf_children);
  PutBegins(inner_begins, out);
  PutBegins(leaf_begins, out);
  for (std::string* part :
       {&inner_symbols, &inner_probabilities, &backoffs, &leaf_symbols, &leaf_probabilities}) {
    Pad(part);
    *out += *part;
  }
  *inner_count = inner;
  *leaf_count = leaves;
}

// Weights as bytes times a scale: that of weight i is scales[scale_of(i)].
template <typename ScaleOf>
void PutQuantized(const std::vector<float>& weights, size_t scale_count, ScaleOf scale_of, std::string* out) {
  std::vector<float> scales(scale_count, 0.0F);
  for (size_t i = 0; i < weights.size(); ++i) {
    scales[scale_of(i)] = std::max(scales[scale_of(i)], std::abs(weights[i]) / 127);
  }
  for (const float scale : scales) PutF32(scale, out);
  for (size_t i = 0; i < weights.size(); ++i) {
    const float scale = scales[scale_of(i)];
    const long value = scale > 0 ? std::lround(weights[i] / scale) : 0;
    out->push_back(static_cast<char>(static_cast<signed char>(value)));
  }
}

void PutTagger(const TaggerWeights& tagger, std::string* out) {
  const size_t width = tagger.width;
  for (const int dilation : tagger.dilations) PutU32(static_cast<uint32_t>(dilation), out);
  const auto by_row = [width](size_t i) { return i / width; };
  PutQuantized(tagger.rows, tagger.rows.size() / width, by_row, out);
  PutQuantized(
      tagger.convolution, tagger.bias.size(),
      [width](size_t i) { return i / (3 * width * width) * width + i % width; }, out);
  PutQuantized(tagger.output, tagger.output_bias.size(), by_row, out);
  for (const float bias : tagger.bias) PutF32(bias, out);
  for (const float bias : tagger.output_bias) PutF32(bias, out);
}

}  // namespace

std::string SerializeG2pModel(const G2pParts& parts) {
  std::string payload;
  for (const Graphone& graphone : parts.graphones) {
    payload.push_back(static_cast<char>(graphone.letter));
    payload.push_back(static_cast<char>(graphone.chunk[0]));
    payload.push_back(static_cast<char>(graphone.chunk[1]));
    payload.push_back('\0');
  }
  std::array<uint32_t, format::kHeaderFields> fields{};
  fields[format::kGraphones] = static_cast<uint32_t>(parts.graphones.size());
  fields[format::kOrder] = static_cast<uint32_t>(parts.order);
  PutNgram(parts.ngram, &payload, &fields[format::kInnerNodes], &fields[format::kLeaves]);
  if (parts.tagger.width > 0) {
    fields[format::kTaggerWidth] = static_cast<uint32_t>(parts.tagger.width);
    fields[format::kTaggerBlocks] = static_cast<uint32_t>(parts.tagger.dilations.size());
    fields[format::kTaggerRows] = parts.tagger.hashed_rows;
    PutTagger(parts.tagger, &payload);
  }
  fields[format::kNgramWeight] = static_cast<uint32_t>(std::lround(parts.ngram_weight * 1000));
  fields[format::kTaggerWeight] = static_cast<uint32_t>(std::lround(parts.tagger_weight * 1000));
  std::string out(format::kMagic);
  PutU32(format::kVersion, &out);
  PutU32(kPhonemeSetVersion, &out);
  for (const uint32_t field : fields) PutU32(field, &out);
  out += Sha256Hex(payload);
  out += payload;
  return out;
}

}  // namespace m2tts
