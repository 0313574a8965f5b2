// See zydis_decode.h for the two generations of Zydis that are told apart here.
#include "softcpu/zydis_decode.h"

#include <array>

#include "softcpu/cpu.h"

namespace softcpu {
namespace {

static_assert(VITRINE_ZYDIS_GENERATION == 4 ? ZYDIS_VERSION_MAJOR(ZYDIS_VERSION) >= 4
                                            : ZYDIS_VERSION_MAJOR(ZYDIS_VERSION) == 3,
              "zydis_decode.h took this Zydis for one of another generation");

#if VITRINE_ZYDIS_GENERATION >= 4
using Width = ZydisStackWidth;
constexpr Width width_16 = ZYDIS_STACK_WIDTH_16, width_32 = ZYDIS_STACK_WIDTH_32,
                width_64 = ZYDIS_STACK_WIDTH_64;
#else
using Width = ZydisAddressWidth;
constexpr Width width_16 = ZYDIS_ADDRESS_WIDTH_16, width_32 = ZYDIS_ADDRESS_WIDTH_32,
                width_64 = ZYDIS_ADDRESS_WIDTH_64;
#endif

struct ModeSetup {
  ZydisMachineMode machine;
  Width width;
};

// In the order of CodeMode.
constexpr ModeSetup setups[6] = {
    {ZYDIS_MACHINE_MODE_REAL_16, width_16},
    {ZYDIS_MACHINE_MODE_LEGACY_16, width_16},
    {ZYDIS_MACHINE_MODE_LEGACY_32, width_32},
    {ZYDIS_MACHINE_MODE_LONG_COMPAT_16, width_16},
    {ZYDIS_MACHINE_MODE_LONG_COMPAT_32, width_32},
    {ZYDIS_MACHINE_MODE_LONG_64, width_64},
};

const ZydisDecoder& decoder_for(CodeMode mode) {
  static const std::array<ZydisDecoder, 6> decoders = [] {
    std::array<ZydisDecoder, 6> made;
    for (std::size_t i = 0; i < made.size(); ++i) {
      ZydisDecoderInit(&made[i], setups[i].machine, setups[i].width);
      // Encodings of features we do not offer keep their older meaning.
      ZydisDecoderEnableMode(&made[i], ZYDIS_DECODER_MODE_MPX, ZYAN_FALSE);
      ZydisDecoderEnableMode(&made[i], ZYDIS_DECODER_MODE_CET, ZYAN_FALSE);
      ZydisDecoderEnableMode(&made[i], ZYDIS_DECODER_MODE_CLDEMOTE, ZYAN_FALSE);
      ZydisDecoderEnableMode(&made[i], ZYDIS_DECODER_MODE_AMD_BRANCHES, ZYAN_FALSE);
    }
    return made;
  }();
  return decoders[static_cast<std::size_t>(mode)];
}

ZyanStatus decode_any(const ZydisDecoder& decoder, std::span<const u8> bytes,
                      Decoded& out) {
#if VITRINE_ZYDIS_GENERATION >= 4
  ZyanStatus status = ZydisDecoderDecodeFull(&decoder, bytes.data(), bytes.size(),
                                             &out.insn, out.storage);
  out.visible = out.insn.operand_count_visible;
#else
  ZyanStatus status =
      ZydisDecoderDecodeBuffer(&decoder, bytes.data(), bytes.size(), &out.insn);
  out.visible = 0;
  while (ZYAN_SUCCESS(status) && out.visible < out.insn.operand_count &&
         out.insn.operands[out.visible].visibility != ZYDIS_OPERAND_VISIBILITY_HIDDEN) {
    ++out.visible;
  }
#endif
  return status;
}

}  // namespace

DecodeStatus zydis_decode(CodeMode mode, std::span<const u8> bytes, Decoded& out) {
  ZyanStatus status = decode_any(decoder_for(mode), bytes, out);
  if (ZYAN_SUCCESS(status)) {
    return DecodeStatus::ok;
  }
  if (status == ZYDIS_STATUS_NO_MORE_DATA) {
    return DecodeStatus::need_more;
  }
  return status == ZYDIS_STATUS_INSTRUCTION_TOO_LONG ? DecodeStatus::too_long
                                                     : DecodeStatus::invalid;
}

static std::string formatted(ZydisFormatterStyle style, const Decoded& decoded, u64 rip) {
  ZydisFormatter formatter;
  ZydisFormatterInit(&formatter, style);
  if (style == ZYDIS_FORMATTER_STYLE_ATT) {  // numbers as QEMU's logs have them
    ZydisFormatterSetProperty(&formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, ZYAN_FALSE);
    for (ZydisFormatterProperty padding :
         {ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE,
          ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE, ZYDIS_FORMATTER_PROP_DISP_PADDING,
          ZYDIS_FORMATTER_PROP_IMM_PADDING}) {
      ZydisFormatterSetProperty(&formatter, padding, ZYDIS_PADDING_DISABLED);
    }
  }
  char text[256];
#if VITRINE_ZYDIS_GENERATION >= 4
  ZyanStatus status =
      ZydisFormatterFormatInstruction(&formatter, &decoded.insn, decoded.storage,
                                      decoded.visible, text, sizeof text, rip, nullptr);
#else
  ZyanStatus status =
      ZydisFormatterFormatInstruction(&formatter, &decoded.insn, text, sizeof text, rip);
#endif
  if (!ZYAN_SUCCESS(status)) {
    return ZydisMnemonicGetString(decoded.insn.mnemonic);
  }
  return text;
}

std::string zydis_text(const Decoded& decoded, u64 rip) {
  return formatted(ZYDIS_FORMATTER_STYLE_INTEL, decoded, rip);
}

std::string zydis_att_text(const Decoded& decoded, u64 rip) {
  return formatted(ZYDIS_FORMATTER_STYLE_ATT, decoded, rip);
}

u8 zydis_register_number(ZydisRegister reg) {
  return static_cast<u8>(ZydisRegisterGetId(reg));
}

ZydisRegisterClass zydis_register_class(ZydisRegister reg) {
  return ZydisRegisterGetClass(reg);
}

}  // namespace softcpu
