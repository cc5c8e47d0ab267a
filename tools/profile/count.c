// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts which instructions of a guest are executed between two marks.
 *
 * The guest marks the begin and the end of what is to be counted by executing the instruction
 * prefetchnta with an absolute displacement of MARK_BEGIN or MARK_END, which does nothing else.
 * At the end a line "ADDRESS INSTRUCTIONS" for each block of code goes to the file that the
 * plugin's argument "out" names.
 *
 * QEMU's packages come without the header of the interface, so what is needed is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
typedef uint64_t plugin_id;
enum cb_flags { NO_REGS };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
					   void (*cb)(plugin_id id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb,
					  void (*cb)(unsigned int cpu, void *data),
					  enum cb_flags flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int cpu, void *data),
					    enum cb_flags flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to, size_t len);

EXPORT int qemu_plugin_version = 4;

#define MARK_BEGIN "\x0f\x18\x04\x25RVS0"
#define MARK_END   "\x0f\x18\x04\x25RVS1"
#define MARK_LEN   8

struct block {
	struct block *next;
	uint64_t address;
	uint64_t length;
	uint64_t executed;
};

#define BUCKETS (1 << 18)
static struct block *blocks[BUCKETS];
static bool counting;
static const char *out;

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (counting)
		block->executed++;
}

static void begin(unsigned int cpu, void *data)
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct block *b = blocks[i]; b; b = b->next)
			b->executed = 0;
	counting = true;
}

static void end(unsigned int cpu, void *data)
{
	FILE *file = fopen(out, "w");

	counting = false;
	for (size_t i = 0; file && i < BUCKETS; i++)
		for (struct block *b = blocks[i]; b; b = b->next)
			if (b->executed)
				fprintf(file, "%" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->address,
					b->executed * b->length, b->executed);
	if (!file || fclose(file))
		perror(out);
}

static struct block *block_of(uint64_t address, uint64_t length)
{
	struct block **place = &blocks[(address ^ address >> 18) % BUCKETS];

	for (; *place; place = &(*place)->next)
		if ((*place)->address == address && (*place)->length == length)
			return *place;
	*place = calloc(1, sizeof(**place));
	if (!*place)
		abort();
	(*place)->address = address;
	(*place)->length = length;
	return *place;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb)
{
	size_t count = qemu_plugin_tb_n_insns(tb);
	char bytes[16];

	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, NO_REGS,
					     block_of(qemu_plugin_tb_vaddr(tb), count));
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

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
