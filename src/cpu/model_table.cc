// The x86 CPU models of QEMU 4.0, written by tests/cpu/measure_models.py from what a real
// QEMU answered. Change the script, not this file.
#include "cpu/model_table.h"

namespace cpu {
namespace {

constexpr std::string_view intel = "GenuineIntel", amd = "AuthenticAMD";

constinit const Model models[] = {
    {.type = "486-x86_64-cpu",
     .model_id = "",
     .vendor = intel,
     .family = 4,
     .model = 8,
     .stepping = 0,
     .level = 1,
     .xlevel = 0x0,
     .features = feature_set("fpu vme pse")},
    {.type = "Broadwell-x86_64-cpu",
     .model_id = "Intel Core Processor (Broadwell)",
     .vendor = intel,
     .family = 6,
     .model = 61,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm rdseed adx smap syscall nx rdtscp lm "
                     "lahf-lm abm 3dnowprefetch xsaveopt arat")},
    {.type = "Broadwell-IBRS-x86_64-cpu",
     .model_id = "Intel Core Processor (Broadwell, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 61,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm rdseed adx smap spec-ctrl syscall nx rdtscp "
                     "lm lahf-lm abm 3dnowprefetch xsaveopt arat")},
    {.type = "Broadwell-noTSX-x86_64-cpu",
     .model_id = "Intel Core Processor (Broadwell, no TSX)",
     .vendor = intel,
     .family = 6,
     .model = 61,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 erms "
                     "invpcid rdseed adx smap syscall nx rdtscp lm lahf-lm abm "
                     "3dnowprefetch xsaveopt arat")},
    {.type = "Broadwell-noTSX-IBRS-x86_64-cpu",
     .model_id = "Intel Core Processor (Broadwell, no TSX, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 61,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 erms "
                     "invpcid rdseed adx smap spec-ctrl syscall nx rdtscp lm "
                     "lahf-lm abm 3dnowprefetch xsaveopt arat")},
    {.type = "Cascadelake-Server-x86_64-cpu",
     .model_id = "Intel Xeon Processor (Cascadelake)",
     .vendor = intel,
     .family = 6,
     .model = 85,
     .stepping = 6,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm avx512f avx512dq rdseed adx smap clflushopt "
                     "clwb avx512cd avx512bw avx512vl pku avx512vnni spec-ctrl "
                     "ssbd syscall nx pdpe1gb rdtscp lm lahf-lm abm 3dnowprefetch "
                     "xsaveopt xsavec xgetbv1 arat")},
    {.type = "Conroe-x86_64-cpu",
     .model_id = "Intel Celeron_4x0 (Conroe/Merom Class Core 2)",
     .vendor = intel,
     .family = 6,
     .model = 15,
     .stepping = 3,
     .level = 10,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni ssse3 syscall "
                             "nx lm lahf-lm")},
    {.type = "EPYC-x86_64-cpu",
     .model_id = "AMD EPYC Processor",
     .vendor = amd,
     .family = 23,
     .model = 1,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x8000001e,
     .caches = CacheStyle::epyc,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq "
                     "monitor ssse3 fma cx16 sse4.1 sse4.2 movbe popcnt aes xsave "
                     "avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 rdseed adx smap "
                     "clflushopt sha-ni syscall nx mmxext fxsr-opt pdpe1gb rdtscp "
                     "lm lahf-lm svm cr8legacy abm sse4a misalignsse 3dnowprefetch "
                     "osvw topoext npt nrip-save xsaveopt xsavec xgetbv1 arat")},
    {.type = "EPYC-IBPB-x86_64-cpu",
     .model_id = "AMD EPYC Processor (with IBPB)",
     .vendor = amd,
     .family = 23,
     .model = 1,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x8000001e,
     .caches = CacheStyle::epyc,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq "
                     "monitor ssse3 fma cx16 sse4.1 sse4.2 movbe popcnt aes xsave "
                     "avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 rdseed adx smap "
                     "clflushopt sha-ni syscall nx mmxext fxsr-opt pdpe1gb rdtscp "
                     "lm lahf-lm svm cr8legacy abm sse4a misalignsse 3dnowprefetch "
                     "osvw topoext ibpb npt nrip-save xsaveopt xsavec xgetbv1 arat")},
    {.type = "Haswell-x86_64-cpu",
     .model_id = "Intel Core Processor (Haswell)",
     .vendor = intel,
     .family = 6,
     .model = 60,
     .stepping = 4,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm syscall nx rdtscp lm lahf-lm abm xsaveopt "
                     "arat")},
    {.type = "Haswell-IBRS-x86_64-cpu",
     .model_id = "Intel Core Processor (Haswell, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 60,
     .stepping = 4,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm spec-ctrl syscall nx rdtscp lm lahf-lm abm "
                     "xsaveopt arat")},
    {.type = "Haswell-noTSX-x86_64-cpu",
     .model_id = "Intel Core Processor (Haswell, no TSX)",
     .vendor = intel,
     .family = 6,
     .model = 60,
     .stepping = 1,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 erms "
                     "invpcid syscall nx rdtscp lm lahf-lm abm xsaveopt arat")},
    {.type = "Haswell-noTSX-IBRS-x86_64-cpu",
     .model_id = "Intel Core Processor (Haswell, no TSX, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 60,
     .stepping = 1,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 avx2 smep bmi2 erms "
                     "invpcid spec-ctrl syscall nx rdtscp lm lahf-lm abm xsaveopt "
                     "arat")},
    {.type = "Icelake-Client-x86_64-cpu",
     .model_id = "Intel Core Processor (Icelake)",
     .vendor = intel,
     .family = 6,
     .model = 126,
     .stepping = 0,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm rdseed adx smap avx512vbmi umip pku "
                     "avx512vbmi2 gfni vaes vpclmulqdq avx512vnni avx512bitalg "
                     "avx512-vpopcntdq spec-ctrl ssbd syscall nx rdtscp lm lahf-lm "
                     "abm 3dnowprefetch wbnoinvd xsaveopt xsavec xgetbv1 arat")},
    {.type = "Icelake-Server-x86_64-cpu",
     .model_id = "Intel Xeon Processor (Icelake)",
     .vendor = intel,
     .family = 6,
     .model = 134,
     .stepping = 0,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm avx512f avx512dq rdseed adx smap clflushopt "
                     "clwb avx512cd avx512bw avx512vl avx512vbmi umip pku "
                     "avx512vbmi2 gfni vaes vpclmulqdq avx512vnni avx512bitalg "
                     "avx512-vpopcntdq la57 spec-ctrl ssbd syscall nx pdpe1gb "
                     "rdtscp lm lahf-lm abm 3dnowprefetch wbnoinvd xsaveopt xsavec "
                     "xgetbv1 arat")},
    {.type = "IvyBridge-x86_64-cpu",
     .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge)",
     .vendor = intel,
     .family = 6,
     .model = 58,
     .stepping = 9,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 x2apic popcnt tsc-deadline aes xsave avx "
                     "f16c rdrand fsgsbase smep erms syscall nx rdtscp lm lahf-lm "
                     "xsaveopt arat")},
    {.type = "IvyBridge-IBRS-x86_64-cpu",
     .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 58,
     .stepping = 9,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 x2apic popcnt tsc-deadline aes xsave avx "
                     "f16c rdrand fsgsbase smep erms spec-ctrl syscall nx rdtscp "
                     "lm lahf-lm xsaveopt arat")},
    {.type = "KnightsMill-x86_64-cpu",
     .model_id = "Intel Xeon Phi Processor (Knights Mill)",
     .vendor = intel,
     .family = 6,
     .model = 133,
     .stepping = 0,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 ss pni pclmulqdq "
                     "ssse3 fma cx16 sse4.1 sse4.2 x2apic movbe popcnt "
                     "tsc-deadline aes xsave avx f16c rdrand fsgsbase bmi1 avx2 "
                     "smep bmi2 erms avx512f rdseed adx avx512pf avx512er avx512cd "
                     "avx512-vpopcntdq avx512-4vnniw avx512-4fmaps syscall nx "
                     "pdpe1gb rdtscp lm lahf-lm abm 3dnowprefetch xsaveopt arat")},
    {.type = "Nehalem-x86_64-cpu",
     .model_id = "Intel Core i7 9xx (Nehalem Class Core i7)",
     .vendor = intel,
     .family = 6,
     .model = 26,
     .stepping = 3,
     .level = 11,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni ssse3 cx16 "
                             "sse4.1 sse4.2 popcnt syscall nx lm lahf-lm")},
    {.type = "Nehalem-IBRS-x86_64-cpu",
     .model_id = "Intel Core i7 9xx (Nehalem Core i7, IBRS update)",
     .vendor = intel,
     .family = 6,
     .model = 26,
     .stepping = 3,
     .level = 11,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni ssse3 cx16 "
                             "sse4.1 sse4.2 popcnt spec-ctrl syscall nx lm lahf-lm")},
    {.type = "Opteron_G1-x86_64-cpu",
     .model_id = "AMD Opteron 240 (Gen 1 Class Opteron)",
     .vendor = amd,
     .family = 15,
     .model = 6,
     .stepping = 1,
     .level = 5,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni syscall nx lm")},
    {.type = "Opteron_G2-x86_64-cpu",
     .model_id = "AMD Opteron 22xx (Gen 2 Class Opteron)",
     .vendor = amd,
     .family = 15,
     .model = 6,
     .stepping = 1,
     .level = 5,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni cx16 syscall nx "
                     "lm lahf-lm svm")},
    {.type = "Opteron_G3-x86_64-cpu",
     .model_id = "AMD Opteron 23xx (Gen 3 Class Opteron)",
     .vendor = amd,
     .family = 16,
     .model = 2,
     .stepping = 3,
     .level = 5,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni monitor cx16 "
                             "popcnt syscall nx rdtscp lm lahf-lm svm abm sse4a "
                             "misalignsse")},
    {.type = "Opteron_G4-x86_64-cpu",
     .model_id = "AMD Opteron 62xx class CPU",
     .vendor = amd,
     .family = 21,
     .model = 1,
     .stepping = 2,
     .level = 13,
     .xlevel = 0x8000001a,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 popcnt aes xsave avx syscall nx pdpe1gb "
                     "rdtscp lm lahf-lm svm abm sse4a misalignsse 3dnowprefetch "
                     "xop fma4 npt nrip-save")},
    {.type = "Opteron_G5-x86_64-cpu",
     .model_id = "AMD Opteron 63xx class CPU",
     .vendor = amd,
     .family = 21,
     .model = 2,
     .stepping = 0,
     .level = 13,
     .xlevel = 0x8000001a,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 sse4.1 sse4.2 popcnt aes xsave avx f16c syscall nx "
                     "pdpe1gb rdtscp lm lahf-lm svm abm sse4a misalignsse "
                     "3dnowprefetch xop fma4 tbm npt nrip-save")},
    {.type = "Penryn-x86_64-cpu",
     .model_id = "Intel Core 2 Duo P9xxx (Penryn Class Core 2)",
     .vendor = intel,
     .family = 6,
     .model = 23,
     .stepping = 3,
     .level = 10,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni ssse3 cx16 "
                             "sse4.1 syscall nx lm lahf-lm")},
    {.type = "SandyBridge-x86_64-cpu",
     .model_id = "Intel Xeon E312xx (Sandy Bridge)",
     .vendor = intel,
     .family = 6,
     .model = 42,
     .stepping = 1,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 x2apic popcnt tsc-deadline aes xsave avx "
                     "syscall nx rdtscp lm lahf-lm xsaveopt arat")},
    {.type = "SandyBridge-IBRS-x86_64-cpu",
     .model_id = "Intel Xeon E312xx (Sandy Bridge, IBRS update)",
     .vendor = intel,
     .family = 6,
     .model = 42,
     .stepping = 1,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 x2apic popcnt tsc-deadline aes xsave avx "
                     "spec-ctrl syscall nx rdtscp lm lahf-lm xsaveopt arat")},
    {.type = "Skylake-Client-x86_64-cpu",
     .model_id = "Intel Core Processor (Skylake)",
     .vendor = intel,
     .family = 6,
     .model = 94,
     .stepping = 3,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm rdseed adx smap syscall nx rdtscp lm "
                     "lahf-lm abm 3dnowprefetch xsaveopt xsavec xgetbv1 arat")},
    {.type = "Skylake-Client-IBRS-x86_64-cpu",
     .model_id = "Intel Core Processor (Skylake, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 94,
     .stepping = 3,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm rdseed adx smap spec-ctrl syscall nx rdtscp "
                     "lm lahf-lm abm 3dnowprefetch xsaveopt xsavec xgetbv1 arat")},
    {.type = "Skylake-Server-x86_64-cpu",
     .model_id = "Intel Xeon Processor (Skylake)",
     .vendor = intel,
     .family = 6,
     .model = 85,
     .stepping = 4,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm avx512f avx512dq rdseed adx smap clflushopt "
                     "clwb avx512cd avx512bw avx512vl pku syscall nx pdpe1gb "
                     "rdtscp lm lahf-lm abm 3dnowprefetch xsaveopt xsavec xgetbv1 "
                     "arat")},
    {.type = "Skylake-Server-IBRS-x86_64-cpu",
     .model_id = "Intel Xeon Processor (Skylake, IBRS)",
     .vendor = intel,
     .family = 6,
     .model = 85,
     .stepping = 4,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "fma cx16 pcid sse4.1 sse4.2 x2apic movbe popcnt tsc-deadline "
                     "aes xsave avx f16c rdrand fsgsbase bmi1 hle avx2 smep bmi2 "
                     "erms invpcid rtm avx512f avx512dq rdseed adx smap clwb "
                     "avx512cd avx512bw avx512vl pku spec-ctrl syscall nx pdpe1gb "
                     "rdtscp lm lahf-lm abm 3dnowprefetch xsaveopt xsavec xgetbv1 "
                     "arat")},
    {.type = "Westmere-x86_64-cpu",
     .model_id = "Westmere E56xx/L56xx/X56xx (Nehalem-C)",
     .vendor = intel,
     .family = 6,
     .model = 44,
     .stepping = 1,
     .level = 11,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 popcnt aes syscall nx lm lahf-lm arat")},
    {.type = "Westmere-IBRS-x86_64-cpu",
     .model_id = "Westmere E56xx/L56xx/X56xx (IBRS update)",
     .vendor = intel,
     .family = 6,
     .model = 44,
     .stepping = 1,
     .level = 11,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni pclmulqdq ssse3 "
                     "cx16 sse4.1 sse4.2 popcnt aes spec-ctrl syscall nx lm "
                     "lahf-lm arat")},
    {.type = "athlon-x86_64-cpu",
     .model_id = "QEMU Virtual CPU version 2.5+",
     .vendor = amd,
     .family = 6,
     .model = 2,
     .stepping = 3,
     .level = 2,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 mmx fxsr sse sse2 mmxext 3dnowext 3dnow")},
    {.type = "core2duo-x86_64-cpu",
     .model_id = "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz",
     .vendor = intel,
     .family = 6,
     .model = 15,
     .stepping = 11,
     .level = 10,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush acpi mmx fxsr sse sse2 ss pni monitor "
                     "ssse3 cx16 syscall nx lm lahf-lm")},
    {.type = "coreduo-x86_64-cpu",
     .model_id = "Genuine Intel(R) CPU           T2600  @ 2.16GHz",
     .vendor = intel,
     .family = 6,
     .model = 14,
     .stepping = 8,
     .level = 10,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat clflush acpi mmx fxsr sse sse2 ss pni monitor nx")},
    {.type = "kvm32-x86_64-cpu",
     .model_id = "Common 32-bit KVM processor",
     .vendor = intel,
     .family = 15,
     .model = 6,
     .stepping = 1,
     .level = 5,
     .xlevel = 0x80000008,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 clflush mmx fxsr sse sse2 pni")},
    {.type = "kvm64-x86_64-cpu",
     .model_id = "Common KVM processor",
     .vendor = intel,
     .family = 15,
     .model = 6,
     .stepping = 1,
     .level = 13,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni cx16 syscall nx "
                     "lm")},
    {.type = "n270-x86_64-cpu",
     .model_id = "Intel(R) Atom(TM) CPU N270   @ 1.60GHz",
     .vendor = intel,
     .family = 6,
     .model = 28,
     .stepping = 2,
     .level = 10,
     .xlevel = 0x80000008,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat clflush acpi mmx fxsr sse sse2 ss pni monitor ssse3 "
                     "movbe nx lahf-lm")},
    {.type = "pentium-x86_64-cpu",
     .model_id = "",
     .vendor = intel,
     .family = 5,
     .model = 4,
     .stepping = 3,
     .level = 1,
     .xlevel = 0x0,
     .features = feature_set("fpu vme de pse tsc msr mce cx8 apic mmx")},
    {.type = "pentium2-x86_64-cpu",
     .model_id = "",
     .vendor = intel,
     .family = 6,
     .model = 5,
     .stepping = 2,
     .level = 2,
     .xlevel = 0x0,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 mmx fxsr")},
    {.type = "pentium3-x86_64-cpu",
     .model_id = "",
     .vendor = intel,
     .family = 6,
     .model = 7,
     .stepping = 3,
     .level = 3,
     .xlevel = 0x0,
     .features = feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                             "cmov pat pse36 mmx fxsr sse")},
    {.type = "phenom-x86_64-cpu",
     .model_id = "AMD Phenom(tm) 9550 Quad-Core Processor",
     .vendor = amd,
     .family = 16,
     .model = 2,
     .stepping = 3,
     .level = 5,
     .xlevel = 0x8000001a,
     .features =
         feature_set("fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca "
                     "cmov pat pse36 clflush mmx fxsr sse sse2 pni monitor cx16 "
                     "popcnt syscall nx mmxext fxsr-opt pdpe1gb rdtscp lm 3dnowext "
                     "3dnow lahf-lm svm abm sse4a npt")},
    {.type = "qemu32-x86_64-cpu",
     .model_id = "QEMU Virtual CPU version 2.5+",
     .vendor = intel,
     .family = 6,
     .model = 6,
     .stepping = 3,
     .level = 4,
     .xlevel = 0x80000004,
     .features = feature_set("fpu de pse tsc msr pae mce cx8 apic sep pge cmov pat mmx "
                             "fxsr sse sse2 pni")},
    {.type = "qemu64-x86_64-cpu",
     .model_id = "QEMU Virtual CPU version 2.5+",
     .vendor = amd,
     .family = 6,
     .model = 6,
     .stepping = 3,
     .level = 13,
     .xlevel = 0x8000000a,
     .features = feature_set("fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov "
                             "pat pse36 clflush mmx fxsr sse sse2 pni cx16 syscall nx lm "
                             "lahf-lm svm")},
};

}  // namespace

std::span<const Model> model_rows() {
  return models;
}

}  // namespace cpu
