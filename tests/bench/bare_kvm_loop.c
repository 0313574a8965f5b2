/* The floor that vitrine is measured against: the least a program can do around
 * KVM_RUN. Loads a flat image at 0x7c00, runs it in real mode, writes what it sends
 * to COM1 to standard output, answers "ready" on COM1's status port, ignores all
 * other ports and ends at port 0xf4 with (value << 1) | 1.
 *
 *   bare_kvm_loop IMAGE [irqchip] [pc]
 *
 * With `pc` it makes the requests that no PC can do without and a bare loop can: the
 * addresses KVM needs for real mode on Intel, the CPUID table asked for and set, the
 * processor on a thread of its own. That is the floor of a start, as the plain loop
 * is the floor of an exit.
 *
 * Built and run by kvm_exits.py. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { ram_size = 128 << 20, load_address = 0x7c00 };

static int check(int answer, const char* what) {
  if (answer < 0) {
    perror(what);
    exit(1);
  }
  return answer;
}

static void load(const char* path, uint8_t* ram) {
  int fd = check(open(path, O_RDONLY), path);
  check((int)read(fd, ram + load_address, 0x8000), path);
  close(fd);
}

static void set_registers(int vcpu) {
  struct kvm_sregs sregs;
  struct kvm_regs regs = {.rip = load_address, .rsp = load_address, .rflags = 2};
  check(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
  sregs.cs.base = 0;
  sregs.cs.selector = 0;
  check(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
  check(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
}

static void handle_io(struct kvm_run* run) {
  uint8_t* data = (uint8_t*)run + run->io.data_offset;
  if (run->io.direction == KVM_EXIT_IO_OUT) {
    if (run->io.port == 0x3f8) {
      check((int)write(1, data, 1), "write");
    } else if (run->io.port == 0xf4) {
      exit(*data << 1 | 1);
    }
  } else {
    *data = run->io.port == 0x3fd ? 0x60 : 0xff;
  }
}

static void prepare_pc(int vm) {
  uint64_t identity_map = 0xfeffc000;
  check(ioctl(vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map), "KVM_SET_IDENTITY_MAP_ADDR");
  check(ioctl(vm, KVM_SET_TSS_ADDR, 0xfeffd000), "KVM_SET_TSS_ADDR");
}

static void set_cpuid(int kvm, int vcpu) {
  enum { entries = 100 };
  struct kvm_cpuid2* cpuid =
      calloc(1, sizeof *cpuid + entries * sizeof(struct kvm_cpuid_entry2));
  cpuid->nent = entries;
  check(ioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid), "KVM_GET_SUPPORTED_CPUID");
  check(ioctl(vcpu, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
}

struct processor {
  int vcpu;
  struct kvm_run* run;
};

static void* run_loop(void* opaque) {
  struct processor* self = opaque;
  for (;;) {
    check(ioctl(self->vcpu, KVM_RUN, 0), "KVM_RUN");
    if (self->run->exit_reason != KVM_EXIT_IO) {
      fprintf(stderr, "exit reason %u\n", self->run->exit_reason);
      exit(1);
    }
    handle_io(self->run);
  }
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: %s IMAGE [irqchip] [pc]\n", argv[0]);
    return 1;
  }
  int irqchip = 0, pc = 0;
  for (int i = 2; i < argc; ++i) {
    irqchip |= strcmp(argv[i], "irqchip") == 0;
    pc |= strcmp(argv[i], "pc") == 0;
  }
  int kvm = check(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
  int vm = check(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
  if (pc) {
    prepare_pc(vm);
  }
  uint8_t* ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  struct kvm_userspace_memory_region region = {.memory_size = ram_size,
                                               .userspace_addr = (uintptr_t)ram};
  check(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "KVM_SET_USER_MEMORY_REGION");
  if (irqchip) {
    struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
    check(ioctl(vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
    check(ioctl(vm, KVM_CREATE_PIT2, &pit), "KVM_CREATE_PIT2");
  }
  struct processor processor = {
      .vcpu = check(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU")};
  int page = check(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "KVM_GET_VCPU_MMAP_SIZE");
  processor.run =
      mmap(NULL, (size_t)page, PROT_READ | PROT_WRITE, MAP_SHARED, processor.vcpu, 0);
  load(argv[1], ram);
  if (pc) {
    set_cpuid(kvm, processor.vcpu);
  }
  set_registers(processor.vcpu);
  pthread_t thread;
  if (pc && pthread_create(&thread, NULL, run_loop, &processor) == 0) {
    pthread_join(thread, NULL);
  }
  run_loop(&processor);
}
