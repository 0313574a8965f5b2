// Guest instructions a second: three loops in long mode, each ended by HLT.
#include <benchmark/benchmark.h>

#include <vector>

#include "../softcpu/machine.h"

namespace softcpu_test {
namespace {

// Runs `code` (which counts ECX down to 0 and halts) until the benchmark is content;
// `per_loop` guest instructions a round.
void run_loop(benchmark::State& state, std::vector<u8> code, double per_loop) {
  Machine machine;
  machine.long_mode();
  code.push_back(0xf4);
  machine.write(code_at, code);
  constexpr u64 rounds = 1'000'000;
  for (auto _ : state) {
    core::Regs regs;
    regs.rip = code_at;
    regs.rsp = stack_top;
    regs.rcx = rounds;
    regs.rdi = data_at;
    machine.vcpu->set_regs(regs);
    machine.run();
  }
  state.counters["Minsn/s"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * rounds * per_loop / 1e6,
      benchmark::Counter::kIsRate);
}

void register_loop(benchmark::State& state) {
  run_loop(state,
           {0x48, 0x01, 0xc8,        // add rax,rcx
            0x48, 0x31, 0xc3,        // xor rbx,rax
            0x48, 0x83, 0xc2, 0x03,  // add rdx,3
            0x48, 0x89, 0xd6,        // mov rsi,rdx
            0x48, 0xff, 0xc9,        // dec rcx
            0x75, 0xee},             // jnz
           6);
}

BENCHMARK(register_loop);

void load_store_loop(benchmark::State& state) {
  run_loop(state, {0x48, 0x8b, 0x07,        // mov rax,[rdi]
                   0x48, 0x01, 0xc8,        // add rax,rcx
                   0x48, 0x89, 0x47, 0x08,  // mov [rdi+8],rax
                   0x8b, 0x5f, 0x10,        // mov ebx,[rdi+16]
                   0x89, 0x5f, 0x18,        // mov [rdi+24],ebx
                   0x48, 0x01, 0x47, 0x20,  // add [rdi+32],rax
                   0x48, 0xff, 0xc9,        // dec rcx
                   0x75, 0xe7},             // jnz
           8);
}

BENCHMARK(load_store_loop);

void call_loop(benchmark::State& state) {
  run_loop(state,
           {0xe8, 0x06, 0x00, 0x00, 0x00,  // call +6
            0x48, 0xff, 0xc9,              // dec rcx
            0x75, 0xf6,                    // jnz
            0xf4,                          // hlt
            0x55,                          // push rbp
            0x48, 0x89, 0xe5,              // mov rbp,rsp
            0x5d,                          // pop rbp
            0xc3},                         // ret
           7);
}

BENCHMARK(call_loop);

// The floor: leaving run() and coming back, once per OUT.
void port_exit(benchmark::State& state) {
  Machine machine;
  machine.long_mode();
  machine.write(code_at, {0xe6, 0x80, 0xeb, 0xfc});  // out 0x80,al / jmp
  for (auto _ : state) {
    benchmark::DoNotOptimize(machine.vcpu->run());
  }
}

BENCHMARK(port_exit);

}  // namespace
}  // namespace softcpu_test

BENCHMARK_MAIN();
