// Hostile model files: whatever a file holds, opening it fails with DATA_LOSS or gives a model that is safe
// to use.
#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "core/base/sha256.h"
#include "core/text/g2p_model.h"
#include "tests/trainer/g2p/g2p_test_util.h"

namespace m2tts {
namespace {

using ::testing::HasSubstr;

class G2pFileTest : public ::testing::Test {
 protected:
  StatusOr<std::unique_ptr<const G2pModel>> OpenBytes(const std::string& bytes) {
    const auto path =
        std::filesystem::path(::testing::TempDir()) / ("hostile-" + std::to_string(getpid()) + ".g2p");
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    return G2pModel::Open(path);
  }

  // With the checksum made right again, so that the checks behind it are reached.
  static std::string Signed(std::string bytes) {
    const std::string digest = Sha256Hex(std::string_view(bytes).substr(g2p_format::kHeaderSize));
    bytes.replace(g2p_format::kDigestOffset, 64, digest);
    return bytes;
  }

  static void PutField(g2p_format::HeaderField field, uint32_t value, std::string* bytes) {
    for (size_t i = 0; i < 4; ++i) (*bytes)[16 + field * 4 + i] = static_cast<char>(value >> (8 * i) & 0xff);
  }
};

TEST_F(G2pFileTest, RefusesEveryTruncation) {
  const std::string& good = TinyModel();
  ASSERT_TRUE(OpenBytes(good).ok());
  for (size_t size = 0; size < good.size(); size += size < 400 ? 1 : 97) {
    EXPECT_EQ(OpenBytes(good.substr(0, size)).status().code(),
              size == 0 ? OpenBytes("").status().code() : StatusCode::kDataLoss)
        << size;
    if (size >= g2p_format::kHeaderSize) {
      EXPECT_EQ(OpenBytes(Signed(good.substr(0, size))).status().code(), StatusCode::kDataLoss) << size;
    }
  }
  EXPECT_FALSE(OpenBytes("").ok());
  EXPECT_EQ(OpenBytes(Signed(good + "xxxx")).status().code(), StatusCode::kDataLoss);
}

TEST_F(G2pFileTest, RefusesFlippedBytes) {
  const std::string& good = TinyModel();
  for (size_t i = 0; i < good.size(); i += i < 200 ? 1 : 61) {
    // The weights in the header are not under the checksum, and any value of them is safe.
    if (i >= 16 + g2p_format::kNgramWeight * 4 && i < g2p_format::kDigestOffset) continue;
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x41);
    EXPECT_EQ(OpenBytes(bad).status().code(), StatusCode::kDataLoss) << i;
  }
}

TEST_F(G2pFileTest, SaysWhatIsWrong) {
  const auto message = [&](std::string bytes) { return std::string(OpenBytes(bytes).status().message()); };
  std::string bad = TinyModel();
  bad[0] = 'X';
  EXPECT_THAT(message(bad), HasSubstr("not a G2P model"));
  bad = TinyModel();
  bad[8] = 99;
  EXPECT_THAT(message(bad), HasSubstr("another format version"));
  bad = TinyModel();
  bad[12] = 99;
  EXPECT_THAT(message(bad), HasSubstr("another phoneme set"));
  bad = TinyModel();
  bad.back() = static_cast<char>(bad.back() ^ 1);
  EXPECT_THAT(message(bad), HasSubstr("checksum"));
  bad = TinyModel();
  bad[g2p_format::kHeaderSize] = 27;  // a letter behind the last
  EXPECT_THAT(message(Signed(bad)), HasSubstr("damaged graphone"));
}

TEST_F(G2pFileTest, RefusesHeadersThatDoNotFit) {
  using namespace g2p_format;
  for (const HeaderField field :
       {kGraphones, kOrder, kInnerNodes, kLeaves, kTaggerWidth, kTaggerBlocks, kTaggerRows}) {
    for (const uint32_t value : {0u, 1u, 17u, 4097u, 0x7fffffffu, 0xffffffffu, 0x10000000u}) {
      std::string bad = TinyModel();
      PutField(field, value, &bad);
      if (field == kOrder && value == 1) continue;  // fits: only less is used
      EXPECT_EQ(OpenBytes(bad).status().code(), StatusCode::kDataLoss) << field << " " << value;
    }
  }
}

// Damage that the checksum vouches for: refused, or harmless.
TEST_F(G2pFileTest, SignedDamageIsRefusedOrSafe) {
  std::mt19937 random(7);
  const std::string& good = TinyModel();
  int opened = 0;
  for (int round = 0; round < 1500; ++round) {
    std::string bad = good;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int c = 0; c < changes; ++c) {
      const size_t payload = good.size() - g2p_format::kHeaderSize;
      // Half of them where the structure is, in front.
      const size_t span = round % 2 == 0 ? payload / 3 : payload;
      bad[g2p_format::kHeaderSize + random() % span] = static_cast<char>(random());
    }
    const auto model = OpenBytes(Signed(bad));
    if (!model.ok()) {
      EXPECT_EQ(model.status().code(), StatusCode::kDataLoss);
      continue;
    }
    ++opened;
    for (const char* word : {"stachoot", "zzzzphing", "a'b", "qqq"}) {
      for (const StressedPhoneme p : (*model)->Read(word)) EXPECT_LT(p.id, kPhonemeCount);
    }
  }
  EXPECT_GT(opened, 100);
  EXPECT_LT(opened, 1400);
}

}  // namespace
}  // namespace m2tts
