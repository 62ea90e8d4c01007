// How the allocator of m2tts-trainer (jemalloc, where the build has it) is set: it looks this symbol up.
//
// Batches differ in length from step to step, and their tensors in size. glibc's heap answers that with
// holes: it held 1.8 GB after 2 600 steps of which 0.2 GB were in use. Measured with 3 000 frames a batch, 60
// steps: 545 MB in place of 765, in the same time.
//
//   oversize_threshold:0   large blocks are kept for the next step like all others, not given back at once
//   dirty_decay_ms:60000   what was not used for a minute is given back
//   thp:always             whole huge pages, which cost less to get
//   retain:false           what is given back is unmapped, so that it does not count for the limit of a job
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "oversize_threshold:0,dirty_decay_ms:60000,thp:always,retain:false";
}
