# SPDX-License-Identifier: GPL-2.0
"""Somebody at a terminal: runs a command on one and does what lines on standard input say.

    terminal.py COLUMNS LINES COMMAND...

Prints "ready", and one line for each of these:

    await TEXT          "yes" when the screen shows it, or the screen when that takes too long
    gone TEXT           "yes" when the screen does not show it any more, or the screen
    type KEYS           types them, with the escapes of Python (\\t, \\x1b[A); "typed"
    resize COLUMNS LINES  makes the terminal this large; "resized"
    signal NUMBER       sends a signal to the command; "sent"
    screen              the lines of the screen, as Python writes a list
    end                 waits for the command to end: its exit status, and "clean" if the terminal is
                        as it was before: cursor, screen, echo
"""

import ast
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 60
SEQUENCE = re.compile(r"\x1b(\[[?>=]?[0-9;]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[()].|[^\[\]()])")


class Screen:
    """As much of a terminal as programs here use."""

    def __init__(self, columns, lines):
        self.text = ""
        self.modes = {"?25"}
        self.resize(columns, lines)

    def resize(self, columns, lines):
        self.columns, self.lines = columns, lines
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.lines)]
        self.x = self.y = 0

    def feed(self, text):
        self.text += text
        while self.text:
            if self.text[0] != "\x1b":
                self.put(self.text[0])
                self.text = self.text[1:]
                continue
            match = SEQUENCE.match(self.text)
            if not match:
                return  # the rest is still to come
            self.obey(match.group())
            self.text = self.text[match.end():]

    def put(self, char):
        if char == "\r":
            self.x = 0
        elif char == "\n":
            self.y += 1
        elif char == "\b":
            self.x = max(self.x - 1, 0)
        elif char >= " ":
            if self.x >= self.columns:
                self.x, self.y = 0, self.y + 1
            self.scroll()
            self.cells[self.y][self.x] = char
            self.x += 1
        self.scroll()

    def scroll(self):
        while self.y >= self.lines:
            self.cells.pop(0)
            self.cells.append([" "] * self.columns)
            self.y -= 1

    def obey(self, sequence):
        if sequence[1] != "[":
            return
        final, body = sequence[-1], sequence[2:-1]
        if final in "hl":
            (self.modes.add if final == "h" else self.modes.discard)(body)
            if body == "?1049":
                self.clear()
            return
        numbers = [int(number) if number.isdigit() else 0 for number in body.split(";")]
        first = numbers[0]
        if final in "Hf":
            self.y = min(max(first, 1), self.lines) - 1
            self.x = min(max(numbers[1] if len(numbers) > 1 else 1, 1), self.columns) - 1
        elif final == "G":
            self.x = max(first, 1) - 1
        elif final == "A":
            self.y = max(self.y - max(first, 1), 0)
        elif final == "B":
            self.y = min(self.y + max(first, 1), self.lines - 1)
        elif final == "C":
            self.x = min(self.x + max(first, 1), self.columns - 1)
        elif final == "D":
            self.x = max(self.x - max(first, 1), 0)
        elif final == "J":
            self.erase(first)
        elif final == "K":
            row = self.cells[self.y]
            begin, end = [(self.x, self.columns), (0, self.x + 1), (0, self.columns)][first]
            row[begin:end] = [" "] * (min(end, self.columns) - begin)

    def erase(self, how):
        for number, row in enumerate(self.cells):
            if how == 2 or (how == 0 and number > self.y) or (how == 1 and number < self.y):
                row[:] = [" "] * self.columns
        if how != 2:
            row = self.cells[self.y]
            begin, end = [(self.x, self.columns), (0, self.x + 1)][how]
            row[begin:end] = [" "] * (min(end, self.columns) - begin)

    def show(self):
        return ["".join(row).rstrip() for row in self.cells]


class Session:
    """The command and its terminal."""

    def __init__(self, columns, lines, command):
        self.screen = Screen(columns, lines)
        self.decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.open = True
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            os.environ.pop("NO_COLOR", None)
            # Not before the terminal has its size.
            time.sleep(0)
            self.size(0, columns, lines)
            os.execvp(command[0], command)
        self.before = termios.tcgetattr(self.fd)

    @staticmethod
    def size(fd, columns, lines):
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds):
        """Takes in what comes within a time; false if nothing did."""
        if not self.open or not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        self.open = bool(data)
        self.screen.feed(self.decode(data))
        return True

    def wait(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or not (self.read(min(left, 1)) or self.open):
                return repr(self.screen.show())
        return "yes"

    def ended(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if not self.open:
                break
            self.read(0.1)
        _, status = os.waitpid(self.pid, 0)
        dirty = self.screen.modes - {"?25", "?7"} - {"?2004"}
        clean = "?25" in self.screen.modes and not dirty
        return f"{os.waitstatus_to_exitcode(status)} {'clean' if clean else 'not clean'}"

    def do(self, line):
        verb, _, rest = line.partition(" ")
        shows = lambda: any(rest in row for row in self.screen.show())
        if verb == "await":
            return self.wait(shows)
        if verb == "gone":
            return self.wait(lambda: not shows())
        if verb == "type":
            os.write(self.fd, ast.literal_eval(f"'{rest}'").encode())
            return "typed"
        if verb == "resize":
            columns, lines = map(int, rest.split())
            self.screen.resize(columns, lines)
            self.size(self.fd, columns, lines)
            return "resized"
        if verb == "signal":
            os.kill(self.pid, int(rest))
            return "sent"
        if verb == "screen":
            while self.read(0.2):
                pass
            return repr(self.screen.show())
        if verb == "end":
            return self.ended()
        return "what?"


def main():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    columns, lines, *command = sys.argv[1:]
    session = Session(int(columns), int(lines), command)
    print("ready", flush=True)
    for line in sys.stdin:
        print(session.do(line.rstrip("\n")), flush=True)


main()
