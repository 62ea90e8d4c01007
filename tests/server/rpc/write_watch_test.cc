#include "server/rpc/write_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace m2tts {
namespace {

using std::chrono::seconds;

WatchedCall::Time After(int time) {
  return std::chrono::steady_clock::now() + seconds(time);
}

TEST(WriteWatchTest, CutsOnlyWhatWaitsForItsClient) {
  WriteWatch watch;
  int cuts = 0;
  const auto call = watch.Add([&cuts] { ++cuts; });
  watch.Look(After(100), 10.0);
  EXPECT_EQ(cuts, 0) << "nothing is being written";
  call->WriteBegins();
  watch.Look(After(15), 10.0);
  EXPECT_EQ(cuts, 0) << "given up first";
  watch.Look(After(100), 0.0);
  EXPECT_EQ(cuts, 0) << "for ever";
  watch.Look(After(100), 10.0);
  EXPECT_EQ(cuts, 1);
  call->WriteEnds();
  watch.Look(After(100), 10.0);
  EXPECT_EQ(cuts, 1);
}

TEST(WriteWatchTest, NothingIsCutAfterTheEnd) {
  WriteWatch watch;
  auto call = watch.Add([] { ADD_FAILURE() << "its context is gone"; });
  call->WriteBegins();
  call->End();
  watch.Look(After(100), 10.0);
  call.reset();
  watch.Look(After(100), 10.0);
}

TEST(WriteWatchTest, CountsWhatIsUnreadUntilTheEnd) {
  WriteWatch watch;
  watch.SetMaxUnread(1000);
  const auto small = watch.Add([] {}), large = watch.Add([] {});
  small->WriteBegins(300);
  EXPECT_TRUE(watch.CheckUnread().ok());
  large->WriteBegins(800);
  EXPECT_EQ(watch.unread_bytes(), 1100);
  EXPECT_EQ(watch.CheckUnread().code(), StatusCode::kResourceExhausted);
  large->End();
  large->End();
  EXPECT_EQ(watch.unread_bytes(), 300);
  EXPECT_TRUE(watch.CheckUnread().ok());
}

// As gRPC does when it runs its callbacks in the thread that cancels.
TEST(WriteWatchTest, ACallMayEndInsideOfItsCut) {
  WriteWatch watch;
  std::shared_ptr<WatchedCall> call;
  call = watch.Add([&call] {
    call->End();
    call.reset();
  });
  call->WriteBegins();
  watch.Look(After(100), 10.0);
  EXPECT_EQ(call, nullptr);
}

TEST(WriteWatchTest, TheEndWaitsForACutInAnotherThread) {
  WriteWatch watch;
  std::promise<void> inside, go_on;
  std::atomic<bool> left{false};
  const auto call = watch.Add([&] {
    inside.set_value();
    go_on.get_future().wait();
    left = true;
  });
  call->WriteBegins();
  std::thread looker([&watch] { watch.Look(After(100), 10.0); });
  inside.get_future().wait();
  std::thread ending([&] {
    call->End();
    EXPECT_TRUE(left) << "what the cut uses would be gone";
  });
  go_on.set_value();
  ending.join();
  looker.join();
}

}  // namespace
}  // namespace m2tts
