#include "trainer/g2p/tagger.h"

#include <torch/torch.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>

namespace m2tts {
namespace {

namespace format = g2p_format;

struct TaggerNet : torch::nn::Module {
  TaggerNet(int64_t outputs, const TaggerOptions& options)
      : embedding(
            register_module("embedding", torch::nn::Embedding(format::kLetterCount, options.embedding))),
        lstm(register_module("lstm", torch::nn::LSTM(torch::nn::LSTMOptions(options.embedding, options.hidden)
                                                         .num_layers(2)
                                                         .bidirectional(true)
                                                         .batch_first(true)
                                                         .dropout(options.dropout)))),
        dropout(register_module("dropout", torch::nn::Dropout(options.dropout))),
        output(register_module("output", torch::nn::Linear(2 * options.hidden, outputs))) {}

  // [B, T] letters -> [B, T, outputs] logits.
  torch::Tensor forward(const torch::Tensor& letters) {
    const torch::Tensor embedded = dropout(embedding(letters));
    return output(dropout(std::get<0>(lstm(embedded))));
  }

  torch::nn::Embedding embedding;
  torch::nn::LSTM lstm;
  torch::nn::Dropout dropout;
  torch::nn::Linear output;
};

// [letters, outputs]: 0 where the graphone belongs to the letter, else a large negative number.
torch::Tensor LetterMask(const GraphoneInventory& graphones) {
  torch::Tensor mask =
      torch::full({format::kLetterCount, static_cast<int64_t>(graphones.list().size())}, -1e4f);
  for (size_t g = 0; g < graphones.list().size(); ++g) {
    mask[graphones.list()[g].first][static_cast<int64_t>(g)] = 0;
  }
  return mask;
}

struct Batch {
  torch::Tensor letters;  // [B, T]
  torch::Tensor targets;  // [B, T], graphones counted from kFirstGraphone
};

// Words of one length together, in a new order every epoch.
std::vector<Batch> MakeBatches(const GraphoneInventory& graphones, const std::vector<AlignedWord>& words,
                               int size, std::mt19937_64* random) {
  std::vector<size_t> order(words.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), *random);
  std::map<size_t, std::vector<size_t>> by_length;
  std::vector<std::vector<size_t>> groups;
  for (const size_t i : order) {
    std::vector<size_t>& group = by_length[words[i].letters.size()];
    group.push_back(i);
    if (group.size() == static_cast<size_t>(size)) {
      groups.push_back(std::move(group));
      group.clear();
    }
  }
  for (auto& [length, group] : by_length) {
    if (!group.empty()) groups.push_back(std::move(group));
  }
  std::shuffle(groups.begin(), groups.end(), *random);
  std::vector<Batch> batches;
  for (const std::vector<size_t>& group : groups) {
    const size_t length = words[group[0]].letters.size();
    std::vector<int64_t> letters;
    std::vector<int64_t> targets;
    for (const size_t i : group) {
      for (size_t t = 0; t < length; ++t) {
        letters.push_back(format::LetterIndex(words[i].letters[t]));
        targets.push_back(graphones.IdOf(words[i].letters[t], words[i].chunks[t]) - format::kFirstGraphone);
      }
    }
    const std::vector<int64_t> shape = {static_cast<int64_t>(group.size()), static_cast<int64_t>(length)};
    batches.push_back({torch::tensor(letters).view(shape), torch::tensor(targets).view(shape)});
  }
  return batches;
}

// Appends a matrix [outputs, inputs]: one float scale per output, then the weights in 8 bits, transposed to
// [inputs, outputs], so that the products of one input lie together.
void AppendMatrix(const torch::Tensor& matrix, std::string* out) {
  const torch::Tensor m = matrix.detach().to(torch::kFloat32).contiguous();
  const torch::Tensor scale = std::get<0>(m.abs().max(1)).clamp_min(1e-8) / 127;
  const torch::Tensor bytes =
      (m / scale.unsqueeze(1)).round().clamp(-127, 127).to(torch::kInt8).t().contiguous();
  out->append(reinterpret_cast<const char*>(scale.contiguous().data_ptr<float>()),
              static_cast<size_t>(scale.numel()) * 4);
  out->append(reinterpret_cast<const char*>(bytes.data_ptr<int8_t>()), static_cast<size_t>(bytes.numel()));
}

void AppendVector(const torch::Tensor& vector, std::string* out) {
  const torch::Tensor v = vector.detach().to(torch::kFloat32).contiguous();
  out->append(reinterpret_cast<const char*>(v.data_ptr<float>()), static_cast<size_t>(v.numel()) * 4);
}

std::string Serialize(TaggerNet* net) {
  std::string out;
  AppendMatrix(net->embedding->weight.t(), &out);
  for (const char* const suffix : {"l0", "l0_reverse", "l1", "l1_reverse"}) {
    const auto parameters = net->lstm->named_parameters();
    const std::string name = suffix;
    AppendMatrix(parameters["weight_ih_" + name], &out);
    AppendMatrix(parameters["weight_hh_" + name], &out);
    AppendVector(parameters["bias_ih_" + name] + parameters["bias_hh_" + name], &out);
  }
  AppendMatrix(net->output->weight, &out);
  AppendVector(net->output->bias, &out);
  return out;
}

}  // namespace

std::string TrainTagger(const GraphoneInventory& graphones, const std::vector<AlignedWord>& words,
                        const TaggerOptions& options,
                        const std::function<void(const TaggerProgress&)>& on_epoch) {
  torch::manual_seed(options.seed);
  std::mt19937_64 random(options.seed);
  TaggerNet net(static_cast<int64_t>(graphones.list().size()), options);
  torch::optim::Adam optimizer(net.parameters(), torch::optim::AdamOptions(options.learning_rate));
  const torch::Tensor mask = LetterMask(graphones);
  const auto start = std::chrono::steady_clock::now();
  int64_t step = 0;
  int64_t steps = 0;
  for (int epoch = 1; epoch <= options.epochs; ++epoch) {
    net.train();
    double loss_sum = 0;
    int64_t letters = 0;
    const std::vector<Batch> batches = MakeBatches(graphones, words, options.batch, &random);
    if (steps == 0) steps = static_cast<int64_t>(batches.size()) * options.epochs;
    for (const Batch& batch : batches) {
      // Half a cosine, from the full rate to a hundredth.
      const double progress = std::min(1.0, static_cast<double>(step++) / static_cast<double>(steps));
      const double rate = options.learning_rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(M_PI * progress)));
      for (auto& group : optimizer.param_groups()) {
        static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
      }
      optimizer.zero_grad();
      const torch::Tensor logits = net.forward(batch.letters) + mask.index({batch.letters});
      const torch::Tensor loss =
          torch::nn::functional::cross_entropy(logits.flatten(0, 1), batch.targets.flatten());
      loss.backward();
      torch::nn::utils::clip_grad_norm_(net.parameters(), 2.0);
      optimizer.step();
      loss_sum += loss.item<double>() * static_cast<double>(batch.letters.numel());
      letters += batch.letters.numel();
    }
    if (on_epoch) {
      on_epoch({epoch, options.epochs, loss_sum / static_cast<double>(letters),
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()});
    }
  }
  return Serialize(&net);
}

}  // namespace m2tts
