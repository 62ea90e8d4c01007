#include "server/security/client_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "server/base/status_details.h"

namespace m2tts {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class ClientLimitsTest : public testing::Test {
 protected:
  void Make(const ClientLimitOptions& options) {
    limits_ = std::make_unique<ClientLimits>(options, [this](const char* reason) { rejected_ = reason; });
  }
  // A request that is admitted, if the limits allow it.
  auto Enter(const std::string& client, size_t characters = 10, double audio_seconds = 1.0) {
    auto ticket = limits_->Enter(client, characters, audio_seconds, now_);
    if (ticket.ok()) (*ticket)->Admitted();
    return ticket;
  }
  // One that is refused further in.
  void EnterInVain(const std::string& client, size_t characters) {
    EXPECT_TRUE(limits_->Enter(client, characters, 1.0, now_).ok());
  }

  std::unique_ptr<ClientLimits> limits_;
  std::string rejected_;
  ClientLimits::TimePoint now_ = ClientLimits::TimePoint() + seconds(1000);
};

TEST_F(ClientLimitsTest, OffByDefault) {
  Make({});
  std::vector<std::unique_ptr<ClientLimits::Ticket>> tickets;
  for (int i = 0; i < 1000; ++i) {
    auto ticket = Enter("a", 100'000, 1e6);
    ASSERT_TRUE(ticket.ok());
    tickets.push_back(*std::move(ticket));
  }
}

TEST_F(ClientLimitsTest, RequestsAtATime) {
  Make({2, 0, 0});
  auto first = Enter("a");
  auto second = Enter("a");
  ASSERT_TRUE(first.ok() && second.ok());
  const auto third = Enter("a");
  EXPECT_EQ(third.status().code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("2 requests at a time"));
  EXPECT_GT(*RetryDelayOf(third.status()), 0.0);
  EXPECT_EQ(rejected_, "client_requests");
  EXPECT_TRUE(Enter("b").ok()) << "each client has its own";
  first->reset();
  EXPECT_TRUE(Enter("a").ok());
}

TEST_F(ClientLimitsTest, CharactersPerMinuteFillAgain) {
  Make({0, 600, 0});
  EXPECT_TRUE(Enter("a", 600).ok()) << "a minute's worth at once";
  const auto refused = Enter("a", 1);
  EXPECT_EQ(rejected_, "client_characters");
  EXPECT_NEAR(*RetryDelayOf(refused.status()), 0.1, 1e-6);
  now_ += seconds(1);
  EXPECT_TRUE(Enter("a", 5).ok());
  now_ += seconds(3600);
  EXPECT_TRUE(Enter("a", 600).ok());
  EXPECT_FALSE(Enter("a", 1).ok()) << "an idle hour saves no more than a minute's worth";
}

TEST_F(ClientLimitsTest, ALongTextIsServedAndThenPaidFor) {
  Make({0, 600, 0});
  EXPECT_TRUE(Enter("a", 6000).ok());
  const auto refused = Enter("a", 1);
  EXPECT_NEAR(*RetryDelayOf(refused.status()), 540.1, 1e-3);
  now_ += seconds(539);
  EXPECT_FALSE(Enter("a", 1).ok());
  now_ += seconds(2);
  EXPECT_TRUE(Enter("a", 1).ok()) << "the delay that was told is enough";
}

TEST_F(ClientLimitsTest, ARequestThatIsRefusedFurtherInCostsNothing) {
  Make({0, 600, 0});
  for (int i = 0; i < 100; ++i) EnterInVain("a", 600);
  EXPECT_TRUE(Enter("a", 600).ok());
  EXPECT_FALSE(Enter("a", 1).ok());
  now_ += seconds(60);
  auto inside = limits_->Enter("a", 600, 1.0, now_);
  EXPECT_FALSE(Enter("a", 1).ok()) << "it counts as long as nobody has refused it";
  now_ += seconds(60);
  inside->reset();
  EXPECT_TRUE(Enter("a", 600).ok());
  EXPECT_FALSE(Enter("a", 1).ok()) << "nothing comes back beyond a minute's worth";
}

TEST_F(ClientLimitsTest, TextOfALiveAnswerIsPaidForAsItComes) {
  Make({0, 600, 0});
  auto live = Enter("a", 0);
  for (int i = 0; i < 10; ++i) (*live)->Spend(100);
  const auto refused = Enter("a", 1);
  EXPECT_NEAR(*RetryDelayOf(refused.status()), 40.1, 1e-3) << "into debt";
  limits_->SetOptions({});
  (*live)->Spend(100);
  EXPECT_TRUE(Enter("a", 1).ok());
}

TEST_F(ClientLimitsTest, AudioInTheQueue) {
  Make({0, 0, 30.0});
  auto long_one = Enter("a", 10, 100.0);
  EXPECT_TRUE(long_one.ok()) << "a single request may be longer";
  EXPECT_FALSE(Enter("a", 10, 0.1).ok());
  EXPECT_EQ(rejected_, "client_audio");
  EXPECT_TRUE(Enter("b", 10, 29.0).ok());
  long_one->reset();
  auto first = Enter("a", 10, 20.0);
  EXPECT_FALSE(Enter("a", 10, 11.0).ok());
  EXPECT_TRUE(Enter("a", 10, 10.0).ok());
}

TEST_F(ClientLimitsTest, NewOptionsCountForRequestsToCome) {
  Make({1, 0, 0});
  auto first = Enter("a");
  EXPECT_FALSE(Enter("a").ok());
  limits_->SetOptions({2, 0, 0});
  EXPECT_TRUE(Enter("a").ok());
}

TEST_F(ClientLimitsTest, ManyClientsCostBoundedMemory) {
  Make({1, 60, 0});
  for (int i = 0; i < 100'000; ++i) {
    EXPECT_TRUE(Enter("client" + std::to_string(i)).ok() ||
                limits_->clients() == ClientLimits::kMaxClients + 1);
  }
  EXPECT_LE(limits_->clients(), ClientLimits::kMaxClients + 1);
  now_ += seconds(60);
  for (int i = 0; i < 64; ++i) (void)Enter("later" + std::to_string(i));
  EXPECT_LE(limits_->clients(), ClientLimits::kMaxClients + 1);
}

TEST_F(ClientLimitsTest, ARequestThatHasLeftCountsNoLonger) {
  Make({1, 600, 30.0});
  auto first = Enter("a", 0, 100.0);
  ASSERT_TRUE(first.ok());
  (*first)->Leave();
  auto second = Enter("a", 0, 20.0);
  ASSERT_TRUE(second.ok());
  // What still comes of the first one, and its end, are without effect.
  (*first)->Spend(10'000);
  (*first)->SetAudio(1000.0);
  EXPECT_TRUE((*first)->HasCredit(now_));
  first->reset();
  EXPECT_FALSE(Enter("a").ok()) << "the second one is still there";
  (*second)->Leave();
  EXPECT_TRUE(Enter("a", 600).ok());
}

TEST_F(ClientLimitsTest, ALiveAnswerHasCreditUntilItsAccountIsInDebtOrFull) {
  Make({0, 600, 30.0});
  auto live = Enter("a", 0, 0.0);
  EXPECT_TRUE((*live)->HasCredit(now_));
  (*live)->Spend(610);
  EXPECT_FALSE((*live)->HasCredit(now_));
  now_ += seconds(1);
  EXPECT_FALSE((*live)->HasCredit(now_)) << "all is paid, and nothing is left";
  now_ += seconds(1);
  EXPECT_TRUE((*live)->HasCredit(now_)) << "time pays";

  (*live)->SetAudio(29.0);
  EXPECT_TRUE((*live)->HasCredit(now_));
  EXPECT_FALSE(Enter("a", 1, 2.0).ok()) << "it counts for the client's other requests";
  EXPECT_EQ(rejected_, "client_audio");
  (*live)->SetAudio(31.0);
  EXPECT_FALSE((*live)->HasCredit(now_));
  (*live)->SetAudio(0.5);
  EXPECT_TRUE((*live)->HasCredit(now_)) << "it was spoken";
  auto other = Enter("a", 1, 29.5);
  EXPECT_TRUE(other.ok());
  EXPECT_FALSE((*live)->HasCredit(now_));
  limits_->SetOptions({});
  EXPECT_TRUE((*live)->HasCredit(now_));
}

TEST_F(ClientLimitsTest, TheDelayOfTooMuchAudioIsThatOfTheDevice) {
  Make({0, 0, 30.0});
  const auto running = Enter("a", 10, 100.0);
  const auto delay = [this](double device_seconds) {
    return *RetryDelayOf(limits_->Enter("a", 10, 10.0, now_, device_seconds).status());
  };
  EXPECT_NEAR(delay(0.5), 80.0 * 0.5, 1e-6);
  EXPECT_NEAR(delay(0.001), 1.0, 1e-6) << "its end takes longer than its audio";
}

}  // namespace
}  // namespace m2tts
