// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that finds cache lines which more than one processor of a guest writes, by what
 * instruction, between two marks (see count.c). It looks at the instructions of modules only.
 *
 * At the end a line "LINE INSTRUCTION CPUS WRITES" for each cache line and each instruction that
 * wrote to it goes to the file that the plugin's argument "out" names; CPUS is a bit mask in
 * hexadecimal, LINE the address of the line's first byte.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
typedef uint64_t plugin_id;
typedef uint32_t mem_info;
enum cb_flags { NO_REGS };
enum mem_rw { READS = 1, WRITES };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int cpu, void *data),
					    enum cb_flags flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*cb)(unsigned int cpu, mem_info info, uint64_t address,
						 void *data),
				      enum cb_flags flags, enum mem_rw rw, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 4;

#define MARK_BEGIN "\x0f\x18\x04\x25RVS0"
#define MARK_END   "\x0f\x18\x04\x25RVS1"
#define MARK_LEN   8

/* Where the kernel has its modules (x86-64). */
#define MODULES     0xffffffffa0000000
#define MODULES_END 0xffffffffff000000

#define LINE_SHIFT 6
#define CPUS       8
#define BUCKETS    (1 << 16)

struct write {
	struct write *next;
	uint64_t line, pc, count;
};

/* Each processor has its own, so that they need no lock. */
static struct write *writes[CPUS][BUCKETS];
static atomic_bool counting;
static const char *out;

static void written(unsigned int cpu, mem_info info, uint64_t address, void *data)
{
	uint64_t pc = (uint64_t)(uintptr_t)data, line = address >> LINE_SHIFT;
	struct write **place;

	if (!counting || cpu >= CPUS)
		return;
	place = &writes[cpu][(line ^ line >> 16 ^ pc) % BUCKETS];
	for (; *place; place = &(*place)->next) {
		if ((*place)->line == line && (*place)->pc == pc) {
			(*place)->count++;
			return;
		}
	}
	*place = calloc(1, sizeof(**place));
	if (!*place)
		abort();
	(*place)->line = line;
	(*place)->pc = pc;
	(*place)->count = 1;
}

static void begin(unsigned int cpu, void *data)
{
	counting = true;
}

static void end(unsigned int cpu, void *data)
{
	FILE *file = fopen(out, "w");

	counting = false;
	for (unsigned int c = 0; file && c < CPUS; c++)
		for (size_t i = 0; i < BUCKETS; i++)
			for (struct write *w = writes[c][i]; w; w = w->next)
				fprintf(file, "%" PRIx64 " %" PRIx64 " %x %" PRIu64 "\n",
					w->line << LINE_SHIFT, w->pc, 1u << c, w->count);
	if (!file || fclose(file))
		perror(out);
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	char bytes[16];

	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t pc = qemu_plugin_insn_vaddr(insn);

		if (pc >= MODULES && pc < MODULES_END)
			qemu_plugin_register_vcpu_mem_cb(insn, written, NO_REGS, WRITES,
							 (void *)(uintptr_t)pc);
		if (qemu_plugin_insn_data(insn, bytes, sizeof(bytes)) != MARK_LEN)
			continue;
		if (!memcmp(bytes, MARK_BEGIN, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, NO_REGS, NULL);
		if (!memcmp(bytes, MARK_END, MARK_LEN))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, end, NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(plugin_id id, const struct qemu_info_t *info, int argc, char **argv)
{
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return 1;
	out = argv[0] + 4;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
