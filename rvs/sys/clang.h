/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Corrects the configuration of a kernel that gcc compiled for C code that clang compiles into
 * our modules, see Kbuild; included before everything else.
 */
#ifndef RVS_SYS_CLANG_H
#define RVS_SYS_CLANG_H

#include <linux/kconfig.h>

#undef CONFIG_CC_IS_GCC
#undef CONFIG_GCC_VERSION
#define CONFIG_CC_IS_CLANG 1

/*
 * Per-CPU variables in an address space of their own are for gcc only: clang drops the segment
 * from the operands of inline assembly.
 */
#undef CONFIG_CC_HAS_NAMED_AS
#undef CONFIG_USE_X86_SEG_SUPPORT

#endif /* RVS_SYS_CLANG_H */
