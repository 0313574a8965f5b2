#include "softcpu/decoder.h"

#include <algorithm>
#include <bit>
#include <vector>

namespace softcpu {
namespace {

const std::vector<Bind>& bind_table() {
  static const std::vector<Bind> table = [] {
    std::vector<Bind> made(ZYDIS_MNEMONIC_MAX_VALUE + 1, nullptr);
    for (auto rows :
         {move_rows(), alu_rows(), shift_rows(), muldiv_rows(), bit_rows(), bcd_rows(),
          stack_rows(), control_rows(), interrupt_rows(), fast_call_rows(), string_rows(),
          io_rows(), system_rows(), descriptor_rows(), exchange_rows(), fpu_rows()}) {
      for (const Row& row : rows) {
        made[row.mnemonic] = row.bind;
      }
    }
    return made;
  }();
  return table;
}

u8 byte_register(ZydisRegister reg) {
  if (reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH) {
    return static_cast<u8>((reg - ZYDIS_REGISTER_AH) * 8 + 1);
  }
  if (reg >= ZYDIS_REGISTER_SPL && reg <= ZYDIS_REGISTER_DIL) {
    return static_cast<u8>((4 + reg - ZYDIS_REGISTER_SPL) * 8);
  }
  if (reg >= ZYDIS_REGISTER_R8B) {
    return static_cast<u8>((8 + reg - ZYDIS_REGISTER_R8B) * 8);
  }
  return static_cast<u8>((reg - ZYDIS_REGISTER_AL) * 8);
}

Kind classify_register(ZydisRegister reg, u8& number) {
  number = zydis_register_number(reg);
  switch (zydis_register_class(reg)) {
    case ZYDIS_REGCLASS_GPR8:
      number = byte_register(reg);
      return Kind::reg;
    case ZYDIS_REGCLASS_GPR16:
    case ZYDIS_REGCLASS_GPR32:
    case ZYDIS_REGCLASS_GPR64:
      return Kind::reg;
    case ZYDIS_REGCLASS_SEGMENT:
      return Kind::segment;
    case ZYDIS_REGCLASS_CONTROL:
      return Kind::control;
    case ZYDIS_REGCLASS_DEBUG:
      return Kind::debug;
    default:
      return Kind::other;
  }
}

u8 address_register(ZydisRegister reg) {
  if (reg == ZYDIS_REGISTER_NONE) {
    return zero_register;
  }
  if (zydis_register_class(reg) == ZYDIS_REGCLASS_IP) {
    return block_register;
  }
  return zydis_register_number(reg) & 15;
}

void fill_memory(const MemoryOperand& memory, Insn& out) {
  out.base = address_register(memory.base);
  out.index = address_register(memory.index);
  out.scale = static_cast<u8>(memory.scale > 1 ? std::countr_zero(memory.scale) : 0);
  out.displacement =
      memory.disp.has_displacement ? static_cast<u64>(memory.disp.value) : 0;
  if (out.base == block_register) {
    out.displacement += out.offset + out.length;
  }
  if (zydis_register_class(memory.segment) == ZYDIS_REGCLASS_SEGMENT) {
    out.segment = zydis_register_number(memory.segment);
  }
}

void fill_operand(const ZydisDecodedOperand& operand, u8 position, Form& form,
                  Insn& out) {
  u8* const place[3] = {&out.dst, &out.src, &out.third};
  u8 number = 0;
  form.size[position] = static_cast<u8>(operand.size / 8);
  switch (operand.type) {
    case ZYDIS_OPERAND_TYPE_REGISTER:
      form.kind[position] = classify_register(operand.reg.value, number);
      if (position < 3) {
        *place[position] = number;
      }
      break;
    case ZYDIS_OPERAND_TYPE_MEMORY:
      form.kind[position] = Kind::memory;
      fill_memory(operand.mem, out);
      break;
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
      form.kind[position] = Kind::immediate;
      if (position > 0 && form.kind[position - 1] == Kind::immediate) {
        out.third = static_cast<u8>(operand.imm.value.u);  // ENTER's nesting level
      } else {
        out.imm = operand.imm.value.u;
      }
      break;
    case ZYDIS_OPERAND_TYPE_POINTER:
      form.kind[position] = Kind::pointer;
      out.imm = operand.ptr.offset;
      out.selector = operand.ptr.segment;
      break;
    default:
      form.kind[position] = Kind::other;
      break;
  }
}

// String instructions and XLAT name their source only in hidden operands.
void fill_hidden_source(const Form& form, Insn& out) {
  for (u8 i = 0; i < form.insn.operand_count; ++i) {
    const ZydisDecodedOperand& operand = form.operands[i];
    if (operand.type != ZYDIS_OPERAND_TYPE_MEMORY) {
      continue;
    }
    u8 base = address_register(operand.mem.base);
    if ((base == rsi || base == rbx) &&
        zydis_register_class(operand.mem.segment) == ZYDIS_REGCLASS_SEGMENT) {
      out.segment = zydis_register_number(operand.mem.segment);
    }
  }
}

void fill_prefixes(const ZydisDecodedInstruction& insn, Insn& out) {
  for (u8 i = 0; i < insn.raw.prefix_count; ++i) {
    u8 value = insn.raw.prefixes[i].value;
    if (value == 0xf3) {
      out.rep = Rep::rep;
    } else if (value == 0xf2) {
      out.rep = Rep::repne;
    }
  }
}

bool leaves_block(const ZydisDecodedInstruction& insn) {
  if (insn.meta.branch_type != ZYDIS_BRANCH_TYPE_NONE) {
    return true;
  }
  switch (insn.meta.category) {
    case ZYDIS_CATEGORY_RET:
    case ZYDIS_CATEGORY_INTERRUPT:
    case ZYDIS_CATEGORY_SYSCALL:
    case ZYDIS_CATEGORY_SYSRET:
      return true;
    default:
      return insn.mnemonic == ZYDIS_MNEMONIC_HLT || insn.mnemonic == ZYDIS_MNEMONIC_UD2;
  }
}

Step raise_undefined(Cpu& cpu, const Insn&) {
  return cpu.raise_step(vector_ud);
}

bool is_vector_code(const ZydisDecodedInstruction& insn) {
  switch (insn.meta.isa_ext) {
    case ZYDIS_ISA_EXT_SSE:
    case ZYDIS_ISA_EXT_SSE2:
    case ZYDIS_ISA_EXT_SSE3:
      return true;
    default:
      return false;
  }
}

// x87, MMX and SSE are offered by CPUID but not built: first the exceptions a real
// CPU would raise, then the honest end.
Step missing_vector(Cpu& cpu, const Insn& insn) {
  if ((cpu.cr0 & cr0_em) || !(cpu.cr4 & cr4_osfxsr)) {
    return cpu.raise_step(vector_ud);
  }
  if (cpu.cr0 & cr0_ts) {
    return cpu.raise_step(vector_nm);
  }
  return cpu.unbuilt(&insn, "SSE is not built (gcc -mgeneral-regs-only avoids it)");
}

Step missing(Cpu& cpu, const Insn& insn) {
  return cpu.unbuilt(&insn, "this instruction is not built");
}

Step missing_fpu(Cpu& cpu, const Insn& insn) {
  if (cpu.cr0 & (cr0_em | cr0_ts)) {
    return cpu.raise_step(vector_nm);
  }
  return cpu.unbuilt(&insn,
                     "x87 and MMX are not built (gcc -mgeneral-regs-only avoids them)");
}

// What runs when no binder took the instruction. Extensions our CPUID never offers
// are undefined opcodes on this CPU.
Handler fallback(const ZydisDecodedInstruction& insn) {
  if (insn.encoding != ZYDIS_INSTRUCTION_ENCODING_LEGACY) {
    return raise_undefined;  // AVX and friends: OSXSAVE can never be set
  }
  if (is_vector_code(insn)) {
    return missing_vector;
  }
  switch (insn.meta.isa_ext) {
    case ZYDIS_ISA_EXT_X87:
    case ZYDIS_ISA_EXT_MMX:
      return missing_fpu;
    case ZYDIS_ISA_EXT_BASE:
    case ZYDIS_ISA_EXT_LONGMODE:
      return missing;
    default:
      return raise_undefined;
  }
}

}  // namespace

DecodeOutcome decode(CodeMode mode, std::span<const u8> bytes, Insn& out) {
  Decoded decoded;
  DecodeStatus status = zydis_decode(mode, bytes, decoded);
  if (status != DecodeStatus::ok) {
    return {status};
  }
  const ZydisDecodedInstruction& insn = decoded.insn;
  Form form{insn, decoded.operands(), mode};
  out.length = insn.length;
  out.base = out.index = zero_register;
  out.segment = seg_ds;
  out.address_mask = mask_of(insn.address_width / 8);
  out.mnemonic = static_cast<u16>(insn.mnemonic);
  out.is_64 = mode == CodeMode::long64;
  out.size2 = form.width();
  form.count = std::min<u8>(decoded.visible, 4);
  for (u8 i = 0; i < form.count; ++i) {
    fill_operand(form.operands[i], i, form, out);
  }
  out.size = form.count > 0 ? form.size[0] : form.width();
  fill_hidden_source(form, out);
  fill_prefixes(insn, out);
  Bind bind = bind_table()[insn.mnemonic];
  out.handler = bind != nullptr ? bind(form, out) : nullptr;
  if (out.handler == nullptr) {
    out.handler = fallback(insn);
  }
  return {DecodeStatus::ok, leaves_block(insn)};
}

std::string disassemble(CodeMode mode, std::span<const u8> bytes, u64 rip) {
  Decoded decoded;
  if (zydis_decode(mode, bytes, decoded) != DecodeStatus::ok) {
    return "(undecodable)";
  }
  return zydis_text(decoded, rip);
}

}  // namespace softcpu
