// <linux/kvm.h>, right also in C++. Include this one, never the other.
//
// The kernel headers declare a trailing array behind an empty struct. Empty structs
// take no room in C but one byte in C++, so with some versions of <linux/stddef.h>
// (6.1 for one) kvm_msrs, kvm_cpuid2 and kvm_msr_list come out too large in C++,
// and with them the request numbers, which contain those sizes: the kernel answers
// "Invalid argument". Declaring the array alone gives both languages one layout.
#pragma once

#include <linux/stddef.h>

#undef __DECLARE_FLEX_ARRAY
#define __DECLARE_FLEX_ARRAY(TYPE, NAME) TYPE NAME[0]

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // an array of zero elements
#include <linux/kvm.h>
#pragma GCC diagnostic pop

static_assert(sizeof(kvm_msrs) == 8 && sizeof(kvm_cpuid2) == 8 &&
                  sizeof(kvm_msr_list) == 4,
              "these structs end in an array of any length");
