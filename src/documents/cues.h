#pragma once
// What a question asks for, and how sentences that answer such questions read.

#include <cstdint>
#include <string_view>

namespace thalweg::documents {

enum class Asks : std::uint8_t { anything, definition, method, time, person, place, quantity, permission, reason };

/// By the question's first words: "what is" a definition, "how many" a quantity, "how" a method, "can" a permission, ...
[[nodiscard]] Asks asks(std::string_view question);

/// Whether a number stands in it, in digits or (up to ten) in words.
[[nodiscard]] bool has_number(std::string_view sentence);

/// How well a sentence's wording fits what is asked, 0 to 1, its topic left aside. `subject_first`: the sentence begins with what
/// the question is about.
[[nodiscard]] double wording(Asks what, std::string_view sentence, bool subject_first);

}  // namespace thalweg::documents
