#include "server/ops/config_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace m2tts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ConfigDiffTest, NamesWhatDiffers) {
  EXPECT_THAT(*ChangedKeys("", ""), IsEmpty());
  EXPECT_THAT(*ChangedKeys("a: 1\nb: {c: 2}\n", "# a comment\nb:\n  c: 2\na: 1\n"), IsEmpty());
  EXPECT_THAT(*ChangedKeys("a: 1\nb: {c: 2, d: 3}\n", "a: 2\nb: {c: 2, e: 4}\n"),
              ElementsAre("a", "b.d", "b.e"));
  EXPECT_THAT(*ChangedKeys("", "listen: x"), ElementsAre("listen"));
  EXPECT_THAT(*ChangedKeys("text: {lexicons: [a, b]}", "text: {lexicons: [a, c]}"),
              ElementsAre("text.lexicons"));
}

TEST(ConfigDiffTest, WhatIsNoYamlIsAnError) {
  EXPECT_FALSE(ChangedKeys("a: [", "").ok());
  EXPECT_FALSE(ChangedKeys("", "a: {").ok());
}

}  // namespace
}  // namespace m2tts
