# SPDX-License-Identifier: GPL-2.0
"""Runs the selftests in virtual machines that keep their own time, two at once.

    selftests/run.sh [OPTION...] [NAME...]

Without names: all tests of the gate, which are those whose head has no line `# Tier: long`.

    --long            the tests of the long tier instead
    --kernel NAME     another kernel of the cache, such as `debug`
    --repeat N        N times, each time in fresh machines with other source ports and another
                      order; ends with a table
    --jobs N          how many machines at once (2)
    --threads         processors that really run at the same time, in real time
    --record          keeps how long each took, in selftests/durations

One line for each test tells its wall time; a test that failed shows what its cases said, and
the output of all is in build/selftests/<kernel>. The tests are put into machines so that all
end together, by selftests/durations. One that hangs, or during which the machine dies, fails alone: those after it run in a new machine. Only what the emulator itself broke is repeated,
and counted: `repeated: N`. The last line has the results of the single cases.

Variables whose names begin with FUZZ_, RVS_, UNLOAD_, RACE_ or KTAP_ reach the tests.
"""

import collections
import os
import pathlib
import random
import re
import selectors
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent
DURATIONS = HERE / "durations"
NOT_TESTS = {"ktap", "lib", "run", "guest", "soak"}
UNKNOWN = 10  # seconds that a test takes of which nothing is known
LIMIT = 180  # seconds of the guest that a test may take, as guest.sh has it
SLOWER = 6  # how much longer a second of the guest may take here before a test counts as hung
DETECTORS = 4  # how much longer a test may take with a debug kernel, as guest.sh has it
BEFORE = re.compile(r"^# Before: (\S+)$", re.MULTILINE)
PASSED_ON = re.compile(r"(FUZZ|RVS|UNLOAD|RACE|KTAP)_\w+$")
NOT_PASSED_ON = {"RVS_TOP", "RVS_CACHE", "RVS_MIRROR", "RVS_LOCKS", "RVS_NET_TIMEOUT", "RVS_APT_UPDATED"}


class Options:
    """The command line."""

    def __init__(self, words):
        self.kernel, self.repeat, self.jobs = os.environ.get("KERNEL", ""), 1, 2
        self.long = self.threads = self.record = False
        self.names = []
        words = collections.deque(words)
        while words:
            word = words.popleft()
            if word in ("-h", "--help"):
                print(__doc__.strip())
                sys.exit(0)
            if word in ("--kernel", "--repeat", "--jobs") and words:
                value = words.popleft()
                setattr(self, word[2:], value if word == "--kernel" else int(value))
            elif word in ("--long", "--threads", "--record"):
                setattr(self, word[2:], True)
            elif word.startswith("-"):
                sys.exit(f"error: unknown option, or its value is missing: {word}")
            else:
                self.names.append(word)
        self.names = self.names or [n for n in all_tests() if is_long(n) == self.long]
        unknown = [name for name in self.names if name not in all_tests()]
        if unknown:
            sys.exit(f"error: there is no selftest {', '.join(unknown)}")


def all_tests():
    names = (path.stem for path in sorted(HERE.glob("*.sh")))
    return [name for name in names if name not in NOT_TESTS and os.access(HERE / f"{name}.sh", os.X_OK)]


def head(name):
    """The comment that a test begins with."""
    return (HERE / f"{name}.sh").read_text(encoding="utf-8").partition("\n\n")[0]


def prepare(names):
    """Runs on this machine what tests name after `# Before:` at their heads."""
    commands = {found.group(1) for name in names if (found := BEFORE.search(head(name)))}
    for command in sorted(commands):
        done = subprocess.run([TOP / command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.exit(f"{done.stdout.decode(errors='replace')}error: {command} failed")


def is_long(name):
    return "\n# Tier: long" in head(name)


class Test:
    """A run of one test: what it said and how it ended."""

    def __init__(self, name):
        self.name, self.lines, self.began, self.seconds = name, [], time.monotonic(), 0.0
        self.passed = None

    def end(self, passed, *why):
        self.lines += why
        self.passed = passed
        self.seconds = time.monotonic() - self.began

    def counts(self):
        """How many cases passed, failed and were skipped. A test that failed has at least one that failed."""
        cases = [line for line in self.lines if re.match(r" {4}(not )?ok ", line)]
        failed = sum(case.startswith("    not ok") for case in cases)
        skipped = sum(" # SKIP" in case for case in cases)
        passed = len(cases) - failed - skipped
        return passed, failed if self.passed else max(failed, 1), skipped

    def show(self):
        print(f"{'ok' if self.passed else 'not ok'} {self.name} # {self.seconds:.0f} s", flush=True)
        if self.passed:
            return
        block = []
        for line in self.lines:
            block.append(line)
            if re.match(r" {4}ok ", line):
                block.clear()
            elif re.match(r" {4}not ok ", line):
                print("\n".join(block), flush=True)
                block.clear()
        print("\n".join(block), flush=True)


class Machine:
    """A virtual machine that runs tests until one of them breaks it."""

    def __init__(self, options, names):
        self.names, self.detectors = list(names), options.kernel.startswith("debug")
        self.output = collections.deque(maxlen=400)  # what belongs to no test
        self.test = None
        clock = "--threads" if options.threads else "--virtual"
        command = [str(TOP / "tools/vm"), "run", clock, "--timeout", "21600"]
        if options.kernel:
            command += ["--kernel", options.kernel]
        if self.detectors:
            command += ["--memory", "3G"]
        variables = [
            f"{name}={value}"
            for name, value in os.environ.items()
            if PASSED_ON.match(name) and name not in NOT_PASSED_ON
        ]
        command += ["--", "env", *variables, "/selftests/guest.sh", *names]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def limit(self):
        """Seconds of the host after which the test that runs counts as hung."""
        if not self.test:
            return 3600  # another machine may have to end first, and the guest has to boot
        found = re.search(r"^# Limit: (\d+) s$", head(self.test.name), re.MULTILINE)
        seconds = int(found.group(1)) if found else LIMIT
        return (seconds + 60) * SLOWER * (DETECTORS if self.detectors else 1)

    def lines(self):
        """The machine's output; ends early with TimeoutError when a test hangs."""
        selector = selectors.DefaultSelector()
        selector.register(self.process.stdout, selectors.EVENT_READ)
        data, since = b"", time.monotonic()
        while True:
            if not selector.select(timeout=5):
                began = self.test.began if self.test else since
                if time.monotonic() - began > self.limit():
                    raise TimeoutError
                continue
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                return
            *whole, data = (data + piece).split(b"\n")
            for line in whole:
                yield line.decode(errors="replace")

    def run(self, report):
        """Runs the tests and calls report(test) for each that ends. Returns the names of those
        that have to run in another machine, and whether the emulator was at fault."""
        hung = False
        try:
            for line in self.lines():
                self.take(line, report)
        except TimeoutError:
            hung = True
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait()
        return self.ended(status, hung, report)

    def take(self, line, report):
        end = re.match(r"(not )?ok \d+ (\w+) # \d+ s$", line)
        if re.match(r"# \w+$", line) and line[2:] in self.names and not self.test:
            self.test = Test(line[2:])
        elif end and self.test and end.group(2) == self.test.name:
            self.test.end(not end.group(1))
            self.names.remove(self.test.name)
            report(self.test)
            self.test = None
        elif self.test:
            self.test.lines.append(line)
        else:
            self.output.append(line)

    def ended(self, status, hung, report):
        text = list(self.test.lines if self.test else self.output)
        if not self.names and status in (0, 1):
            return [], False
        if any("Oops: int3:" in line for line in text):  # see tools/guest/qemu.sh
            return self.names, True
        why = "the test hangs" if hung else f"the machine ended with status {status}"
        found = re.search(r"the kernel reported a problem during (\w+):", "\n".join(text))
        guilty = found.group(1) if found else self.test.name if self.test else "machine"
        broken = self.test if self.test and self.test.name == guilty else Test(guilty)
        if broken is not self.test:
            broken.lines = text
        broken.end(False, f"# {why}")
        if guilty in self.names:
            self.names.remove(guilty)
        report(broken)
        return ([] if guilty == "machine" else self.names), False


class Run:
    """All tests once."""

    def __init__(self, options):
        self.options = options
        self.tests, self.repeated, self.lock = [], 0, threading.Lock()
        kernel = options.kernel or "stock"
        self.logs = TOP / "build" / "selftests" / kernel
        self.logs.mkdir(parents=True, exist_ok=True)

    def report(self, test):
        with self.lock:
            self.tests.append(test)
            test.show()
            name = f"{test.name}{'' if test.passed else '.failed'}"
            (self.logs / name).write_text("\n".join(test.lines) + "\n", encoding="utf-8")

    def work(self, names):
        """Machines one after the other until all names have run."""
        tries = 0
        while names:
            names, emulator = Machine(self.options, names).run(self.report)
            if emulator and tries < 3:
                tries += 1
                with self.lock:
                    self.repeated += 1
                print(f"# the emulator failed: once more from {names[0]}", flush=True)
            elif emulator:
                broken = Test(names.pop(0))
                broken.end(False, "# the emulator failed again and again")
                self.report(broken)

    def run(self, names):
        shares = pack(names, self.options.jobs)
        workers = [threading.Thread(target=self.work, args=(share,)) for share in shares]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return self


def durations():
    """Seconds that each test took when they were recorded."""
    lines = DURATIONS.read_text(encoding="utf-8").splitlines() if DURATIONS.exists() else []
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: int(seconds) for name, seconds in pairs}


def pack(names, jobs):
    """The names in as many lists that take about the same time: the longest goes to the shortest list. In
    a list the order is the caller's."""
    known, shares = durations(), [(0, []) for _ in range(jobs)]
    for name in sorted(names, key=lambda name: -known.get(name, UNKNOWN)):
        total, share = min(shares, key=lambda share: share[0])
        shares.remove((total, share))
        shares.append((total + known.get(name, UNKNOWN), share + [name]))
    order = {name: number for number, name in enumerate(names)}
    return [sorted(share, key=order.get) for _, share in shares if share]


def record(tests):
    known = durations() | {test.name: max(1, round(test.seconds)) for test in tests if test.passed}
    lines = [f"{name} {known[name]}" for name in all_tests() if name in known]
    text = "# Seconds that each selftest takes, written by `selftests/run.sh --record`.\n"
    DURATIONS.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


def table(tests):
    """Runs, failures, shortest and longest duration of each test."""
    by_name = collections.defaultdict(list)
    for test in tests:
        by_name[test.name].append(test)
    print(f"\n{'selftest':<24} {'runs':>5} {'failed':>7} {'shortest':>9} {'longest':>8}")
    for name in sorted(by_name):
        runs = by_name[name]
        seconds = [test.seconds for test in runs]
        failed = sum(not test.passed for test in runs)
        print(f"{name:<24} {len(runs):>5} {failed:>7} {min(seconds):>7.0f} s {max(seconds):>6.0f} s")


def summary(tests, repeated, seconds):
    slowest = sorted(tests, key=lambda test: -test.seconds)[:10]
    print("\nslowest: " + ", ".join(f"{test.name} {test.seconds:.0f} s" for test in slowest))
    failed = sorted({test.name for test in tests if not test.passed})
    print(f"repeated: {repeated}")
    print(f"took {seconds:.0f} s")
    if failed:
        print(f"failed: {' '.join(failed)}")
    passed, wrong, skipped = (sum(test.counts()[column] for test in tests) for column in range(3))
    print(f"# Totals: pass:{passed} fail:{wrong} skip:{skipped}")
    return not failed and passed > 0


def main():
    options = Options(sys.argv[1:])
    began, tests, repeated = time.monotonic(), [], 0
    names = list(options.names)
    prepare(names)
    for number in range(options.repeat):
        if options.repeat > 1:
            print(f"\n# run {number + 1} of {options.repeat}", flush=True)
            random.shuffle(names)
        run = Run(options).run(names)
        tests += run.tests
        repeated += run.repeated
    if options.repeat > 1:
        table(tests)
    if options.record:
        record(tests)
    return 0 if summary(tests, repeated, time.monotonic() - began) else 1


if __name__ == "__main__":
    sys.exit(main())
