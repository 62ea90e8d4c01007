#include "trainer/check/finding.h"

#include <array>

#include "trainer/check/check_report.h"

namespace m2tts {
namespace {

// In the order of FindingKind.
constexpr std::array<FindingText, kFindingKinds> kTexts = {{
    {"bad_row", true, "rows that cannot be used", "training does not begin; correct or delete them"},
    {"unreadable_audio", true, "audio that cannot be read",
     "training does not begin; replace the files or delete the rows"},
    {"unreadable_text", true, "transcripts that cannot be read",
     "training does not begin; save them as UTF-8 and write out what is said"},
    {"silent", true, "silent clips",
     "training leaves them out, or learns their noise; record them again or delete the rows"},
    {"too_short", true, "clips that are too short",
     "training leaves them out; join them with others or delete the rows"},
    {"too_long", true, "clips that are too long", "training leaves them out; cut them at pauses"},
    {"clipping", true, "clipped audio",
     "the voice learns the distortion; take the recording before it was made louder, or leave the clip out"},
    {"dc_offset", true, "audio that is not centred on zero",
     "remove the offset, for example with a high-pass filter at 20 Hz"},
    {"unread_script", true, "transcripts with text that is not read",
     "write what is said in Latin letters, or leave the clip out"},
    {"wrong_time", true, "texts and audio that do not belong together",
     "the text takes half or twice the time it should: correct it, or leave the clip out"},
    {"same_audio_other_text", true, "the same audio with different texts", "only one text can be right"},
    {"short", false, "short clips", "many of them teach little of the melody of sentences"},
    {"silent_ends", false, "long silence at the ends",
     "training cuts it off; look whether something is missing"},
    {"long_pause", false, "long pauses inside",
     "listen: perhaps words are missing, or two takes stand in one file"},
    {"level", false, "clips much louder or softer than usual", "bring all clips of a speaker to one level"},
    {"unusual_time", false, "texts that take shorter or longer than usual",
     "listen: words may be missing or wrong, or it is a pause between words"},
    {"mixed_formats", false, "several sample rates or channel counts",
     "training converts them; clips of a low rate sound dull"},
    {"unlisted_audio", false, "audio files that no row names",
     "training does not see them: add rows for them, or delete them"},
    {"same_audio", false, "repeated clips",
     "keep one, so that a clip held out for validation is not trained on"},
    {"same_text", false, "sentences that a speaker says more than once", "harmless unless they are many"},
}};
static_assert(kTexts.back().key != nullptr, "a kind without a text");

}  // namespace

const FindingText& Describe(FindingKind kind) {
  return kTexts[static_cast<size_t>(kind)];
}

size_t CheckReport::Count(bool problem) const {
  size_t count = 0;
  for (size_t kind = 0; kind < findings.size(); ++kind) {
    if (kTexts[kind].problem == problem) count += findings[kind].size();
  }
  return count;
}

}  // namespace m2tts
