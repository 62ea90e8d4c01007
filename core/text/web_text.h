// Recognizes what is written for machines: URLs, e-mail addresses, file names and paths,
// handles and hashtags. Pure functions over folded text.
#pragma once

#include <cstddef>
#include <string_view>

namespace m2tts {

// How many bytes of `chunk` (no blanks, trailing punctuation already off) are such a text from
// its beginning on; 0 when it is something else.
//   https://a.b/c?d=e   www.a.b   a.com/x   name@host.tld   report.pdf   /usr/bin   ~/x   C:\x
//   @name   #tag   .net
size_t WebLength(std::string_view chunk);

}  // namespace m2tts
