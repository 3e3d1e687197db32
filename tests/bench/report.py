#!/usr/bin/env python3
"""Runs the benchmark programs in turns and prints a table: report.py PROGRAMS_DIR LIBRARY [PEER]

Every program is a process of its own. In each round every contestant of a line has one short turn, in an order that
changes from round to round. Figures are medians over the rounds; a ratio is the median of the rounds' ratios, which
cancels what the machine does to all of them alike. In brackets: 10th to 90th percentile. Processor time is that of the
whole process, with what the library does on other threads. It is the steadier figure on a machine with other work;
targets are held against elapsed time, which is what a caller waits.
"""
import functools
import os
import statistics
import subprocess
import sys

SIZES = [(64, "64 B"), (1024, "1 KiB"), (65536, "64 KiB"), (1 << 20, "1 MiB")]
ROUNDS = 31
TURN_MS = 50
LOADS = 9


class Turn(float):
    """Elapsed microseconds per operation, with those of processor time beside them."""

    def __new__(cls, elapsed, processor):
        turn = super().__new__(cls, elapsed)
        turn.processor = processor
        return turn


class Program:
    """One benchmark process, which measures when asked."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.name = self._line().removeprefix("ready ")

    def _line(self):
        line = self.process.stdout.readline().strip()
        if not line:
            sys.exit(f"bench: {self.process.args} ended with {self.process.wait()}")
        return line

    def ask(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self._line().split()

    def measure(self, operation, size, threads=1, mode="shared", partitions=1):
        """Microseconds per operation, elapsed and of processor time, or None if the library has no such function."""
        answer = self.ask(f"run {operation} {size} {threads} {mode} {partitions} {TURN_MS}")
        if answer == ["none"]:
            return None
        if answer[0] != "ok":
            sys.exit(f"bench: {self.name}: {' '.join(answer)}")
        return Turn(float(answer[1]) / 1000, float(answer[2]) / 1000)

    def resident_mib(self):
        return int(self.ask("rss")[1]) / 1024

    def close(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            sys.exit(f"bench: {self.name} ended with {self.process.returncode}")


class Sample:
    """The figures of one contestant, one a round."""

    def __init__(self, values):
        self.values = values

    def processor(self):
        return Sample([value.processor for value in self.values])

    def median(self):
        return statistics.median(self.values)

    def spread(self):
        ordered = sorted(self.values)
        last = len(ordered) - 1
        return ordered[round(last * 0.1)], ordered[round(last * 0.9)]

    def over(self, other):
        return Sample([a / b for a, b in zip(self.values, other.values)])

    def __format__(self, digits):
        low, high = self.spread()
        return f"{self.median():{digits}} [{low:{digits}}–{high:{digits}}]"


def take_turns(contestants, rounds=ROUNDS):
    """Runs every function once a round; returns name -> Sample, without those that return None."""
    names = [name for name, contestant in contestants.items() if contestant() is not None]
    figures = {name: [] for name in names}
    for turn in range(rounds):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            figures[name].append(contestants[name]())
    return {name: Sample(values) for name, values in figures.items()}


def verdict(value, target, at_least=False):
    met = value >= target if at_least else value <= target
    return f"{'≥' if at_least else '≤'} {target:g}", "MET" if met else "MISSED"


def row(*cells):
    widths = [42, 26, 26, 22, 9, 8, 22, 26, 22]
    print("".join(f"{cell:<{width}}" for cell, width in zip(cells, widths)).rstrip(), flush=True)


class Report:
    THREADINGS = [("1", 1, "shared"), ("2 shared", 2, "shared"), ("2 separate", 2, "separate")]

    def __init__(self, programs, library, peer):
        self.bench, self.floor_path = os.path.join(programs, "bench"), os.path.join(programs, "floor")
        self.libraries = {"ours": library}
        if peer:
            self.libraries["peer"] = peer

    def start(self, which):
        return Program(self.bench, self.libraries[which])

    def single_thread(self):
        floor = Program(self.floor_path)
        programs = {which: self.start(which) for which in self.libraries}
        print(f"floor: {floor.name.removeprefix('floor ')}")
        for which, program in programs.items():
            print(f"{which}: {program.name}, {self.libraries[which]}")
        print("\nOne thread, µs per operation")
        row("operation", "ours", "floor", "ours/floor", "target", "", "by processor time",
            *(["peer", "ours/peer"] if "peer" in programs else []))
        for size, size_name in SIZES:
            for operation in ("encrypt", "decrypt"):
                self.single_line(floor, programs, operation, size, size_name)
        for which, program in programs.items():
            print(f"{which}: {program.resident_mib():.1f} MiB resident after that")
        self.two_threads(floor, programs)
        floor.close()
        for program in programs.values():
            program.close()

    def single_line(self, floor, programs, operation, size, size_name):
        contestants = {"floor": lambda: floor.measure(operation, size)}
        for which, program in programs.items():
            contestants[which] = lambda program=program: program.measure(operation, size)
        contestants["into"] = lambda: programs["ours"].measure(operation + "_into", size)
        result = take_turns(contestants)
        ratio = result["ours"].over(result["floor"])
        target = 1.0 if operation == "decrypt" and size == 64 else 0.8
        peer = [f"{result['peer']:.2f}", f"{result['ours'].over(result['peer']):.2f}"] if "peer" in result else []
        row(f"{operation} {size_name}", f"{result['ours']:.2f}", f"{result['floor']:.2f}", f"{ratio:.2f}",
            *verdict(ratio.median(), target), f"{self.by_processor(result, 'ours'):.2f}", *peer)
        if "into" in result:
            row(f"{operation} {size_name}, caller's buffer", f"{result['into']:.2f}", "",
                f"{result['into'].over(result['floor']):.2f}", "", "", f"{self.by_processor(result, 'into'):.2f}")

    @staticmethod
    def by_processor(result, name):
        return result[name].processor().over(result["floor"].processor())

    def two_threads(self, floor, programs):
        print("\nTwo threads: throughput as a multiple of one thread's (floor: what this machine gives)")
        row("operation", "one session", "a session each", "floor", "target", "",
            *(["peer, one session"] if "peer" in programs else []))
        for size, size_name in SIZES[1:3]:
            for operation in ("encrypt", "decrypt"):
                contestants = {}
                for which, program in {"floor": floor, **programs}.items():
                    for label, threads, mode in self.THREADINGS:
                        if which == "ours" or label != "2 separate":
                            contestants[which, label] = functools.partial(program.measure, operation, size, threads,
                                                                          mode)
                result = take_turns(contestants)
                gain = {key: result[key[0], "1"].over(result[key]) for key in contestants}
                worse = min(gain["ours", "2 shared"].median(), gain["ours", "2 separate"].median())
                row(f"{operation} {size_name}", f"{gain['ours', '2 shared']:.2f}", f"{gain['ours', '2 separate']:.2f}",
                    f"{gain['floor', '2 shared']:.2f}", *verdict(worse, 1.85, at_least=True),
                    *([f"{gain['peer', '2 shared']:.2f}"] if ("peer", "2 shared") in gain else []))

    def partitions(self):
        """Many partitions against one. A process each: one that has 10 000 keys would evict the others' keys."""
        print("\nPartitions in turn, encrypt 1 KiB: cost as a multiple of one partition's (key cache: 1000)")
        row("", "µs", "one partition, µs", "multiple", "target", "")
        for which in self.libraries:
            for mode in ("kept", "reopened"):
                programs = {count: self.start(which) for count in (1, 1000, 10000)}
                result = take_turns({count: functools.partial(program.measure, "encrypt", 1024, 1, mode, count)
                                     for count, program in programs.items()})
                for count, target in ((1000, 1.5), (10000, 12)):
                    multiple = result[count].over(result[1])
                    how = "sessions kept" if mode == "kept" else "session each time"
                    row(f"{which}: {count} partitions, {how}", f"{result[count]:.2f}", f"{result[1]:.2f}",
                        f"{multiple:.2f}", *(verdict(multiple.median(), target) if which == "ours" else ()))
                for program in programs.values():
                    program.close()

    def callbacks(self):
        """A store and a KMS of the host: what they cost while the keys are cached, which is nothing."""
        print("\nCached keys of a metastore and a KMS of the host: cost as a multiple of the built-in ones'")
        row("", "host's, µs", "built-in, µs", "multiple", "target", "", "by processor time")
        built_in, host = self.start("ours"), Program(self.bench, "callbacks:" + self.libraries["ours"])
        for size, size_name in SIZES[:2]:
            for operation in ("encrypt", "decrypt"):
                result = take_turns({name: functools.partial(program.measure, operation, size)
                                     for name, program in (("built-in", built_in), ("host", host))}, 2 * ROUNDS)
                multiple = result["host"].over(result["built-in"])
                processor = result["host"].processor().over(result["built-in"].processor())
                row(f"{operation} {size_name}", f"{result['host']:.3f}", f"{result['built-in']:.3f}", f"{multiple:.3f}",
                    *verdict(multiple.median(), 1.03), f"{processor:.3f}")
        built_in.close()
        host.close()

    def load(self):
        print("\nLoading")
        row("", "", "", "", "target", "")

        def first_record(path):
            done = subprocess.run([self.bench, "--load", path], check=True, capture_output=True, text=True)
            return float(done.stdout) / 1000

        loads = {which: functools.partial(first_record, path) for which, path in self.libraries.items()}
        result = take_turns(loads, LOADS)
        for which, path in self.libraries.items():
            ours = which == "ours"
            row(f"{which}: load to first record, ms", f"{result[which]:.2f}", "", "",
                *(verdict(result[which].median(), 20) if ours else ()))
            size = os.path.getsize(path.removeprefix("cobhan:")) / (1 << 20)
            row(f"{which}: library, MiB", f"{size:.2f}", "", "", *(verdict(size, 24) if ours else ()))


def main():
    report = Report(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None)
    report.single_thread()
    report.partitions()
    report.callbacks()
    report.load()


if __name__ == "__main__":
    main()
