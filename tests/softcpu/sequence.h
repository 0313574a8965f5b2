// A sequence of instructions as pieces that can be left out one by one, for tests that
// compare two CPUs over many instructions and want the shortest sequence that differs.
//
// A piece is one instruction, or a few that only make sense together (a string
// instruction with the moves that set its registers). It says which arithmetic flags
// it reads, which it sets, and which the manuals leave undefined after it: a flag left
// undefined must not be read by a later piece, for CPUs differ in it rightly.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "random_insn.h"
#include "softcpu/decoder.h"

namespace softcpu_test {

enum class SequenceMode { real16, protected32, long64 };

struct Piece {
  std::string name;
  std::vector<std::uint8_t> code;
  std::uint64_t reads = 0, defines = 0, undefines = 0;
  unsigned jumps_over =
      0;  // pieces a forward branch may skip; its last byte says how far
};

// Two pages that the code may use: operands in the first, the stack in the second.
inline constexpr std::uint64_t window_size = 0x2000, operands_at = 0x800,
                               stack_at = 0x1800;

struct SequenceState {
  std::array<std::uint64_t, 16> gpr{};
  std::uint64_t flags = 2;
  std::vector<std::uint8_t> memory = std::vector<std::uint8_t>(window_size);
};

struct Sequence {
  SequenceMode mode = SequenceMode::long64;
  std::vector<Piece> pieces;
  SequenceState start;
};

// Where the two pages lie: real mode must reach them with 16-bit offsets.
inline std::uint64_t window_of(SequenceMode mode) {
  return mode == SequenceMode::real16 ? 0x6000 : 0x100000;
}

inline std::size_t bytes_over(const std::vector<Piece>& pieces, std::size_t branch,
                              std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t i = branch + 1; i <= branch + count && i < pieces.size(); ++i) {
    bytes += pieces[i].code.size();
  }
  return bytes;
}

inline std::vector<std::uint8_t> assemble(const std::vector<Piece>& pieces) {
  std::vector<std::uint8_t> code;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    code.insert(code.end(), pieces[i].code.begin(), pieces[i].code.end());
    if (pieces[i].jumps_over != 0) {
      code.back() =
          static_cast<std::uint8_t>(bytes_over(pieces, i, pieces[i].jumps_over));
    }
  }
  return code;
}

// What is known of the flags after a sequence: the first piece that reads a flag left
// undefined (or pieces.size()), and the flags undefined at the end.
struct FlagFlow {
  std::size_t first_bad = 0;
  std::uint64_t undefined = 0;
};

inline FlagFlow flag_flow(const std::vector<Piece>& pieces) {
  std::vector<std::uint64_t> arriving(pieces.size() + 1, 0);  // by branches
  FlagFlow flow{pieces.size(), 0};
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    flow.undefined |= arriving[i];
    if (pieces[i].reads & flow.undefined) {
      flow.first_bad = i;
      return flow;
    }
    flow.undefined = (flow.undefined & ~pieces[i].defines) | pieces[i].undefines;
    if (pieces[i].jumps_over != 0) {
      arriving[std::min(i + 1 + pieces[i].jumps_over, pieces.size())] |= flow.undefined;
    }
  }
  flow.undefined |= arriving[pieces.size()];
  return flow;
}

inline void insert_piece(std::vector<Piece>& pieces, std::size_t at, Piece piece) {
  for (std::size_t i = 0; i < at; ++i) {
    if (pieces[i].jumps_over != 0 && i + pieces[i].jumps_over >= at) {
      ++pieces[i].jumps_over;
    }
  }
  pieces.insert(pieces.begin() + static_cast<std::ptrdiff_t>(at), std::move(piece));
}

inline std::vector<Piece> without(std::vector<Piece> pieces, std::size_t at) {
  for (std::size_t i = 0; i < at; ++i) {
    if (pieces[i].jumps_over != 0 && i + pieces[i].jumps_over >= at) {
      if (--pieces[i].jumps_over == 0) {
        pieces[i].code.back() = 0;
      }
    }
  }
  pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(at));
  return pieces;
}

// Empty: the two CPUs agree on the sequence; else how they differ.
using Compare = std::function<std::string(const Sequence&)>;

// Drops every piece without which the CPUs still differ.
inline Sequence shrink(Sequence sequence, const Compare& compare) {
  for (bool dropped = true; dropped;) {
    dropped = false;
    for (std::size_t i = sequence.pieces.size(); i-- > 0;) {
      Sequence shorter = sequence;
      shorter.pieces = without(sequence.pieces, i);
      bool fair = flag_flow(shorter.pieces).first_bad == shorter.pieces.size();
      if (fair && !compare(shorter).empty()) {
        sequence = std::move(shorter);
        dropped = true;
      }
    }
  }
  return sequence;
}

inline softcpu::CodeMode code_mode(SequenceMode mode) {
  switch (mode) {
    case SequenceMode::real16:
      return softcpu::CodeMode::real16;
    case SequenceMode::protected32:
      return softcpu::CodeMode::legacy32;
    default:
      return softcpu::CodeMode::long64;
  }
}

// One instruction a line: offset and text.
inline std::string listing(const Sequence& sequence) {
  std::vector<std::uint8_t> code = assemble(sequence.pieces);
  softcpu::CodeMode mode = code_mode(sequence.mode);
  std::string text;
  for (std::size_t at = 0; at < code.size();) {
    std::span<const std::uint8_t> rest = std::span(code).subspan(at);
    softcpu::Decoded decoded;
    if (softcpu::zydis_decode(mode, rest, decoded) != softcpu::DecodeStatus::ok) {
      return text + "  (undecodable)\n";
    }
    text += "  " + std::to_string(at) + ": " + softcpu::zydis_text(decoded, at) + "\n";
    at += decoded.insn.length;
  }
  return text;
}

}  // namespace softcpu_test
