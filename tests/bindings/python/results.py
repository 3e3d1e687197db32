"""Runs tests, functions of a name that begins with test_, and prints "ok NAME" or "FAIL NAME: why"."""
import sys
import threading
import traceback


def run(module, prefix):
    failed = 0
    for name, test in list(vars(module).items()):
        if not name.startswith("test_"):
            continue
        title = f"{prefix}: {name.removeprefix('test_').replace('_', ' ')}"
        try:
            test()
            print(f"ok {title}", flush=True)
        except Exception as problem:  # whatever it is
            failed += 1
            where = traceback.extract_tb(problem.__traceback__)[-1]
            print(f"FAIL {title}: line {where.lineno}: {type(problem).__name__} {problem}", flush=True)
    return 1 if failed else 0


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def in_threads(count, work):
    """work(index) in so many threads; the first of their exceptions is raised here."""
    problems = []

    def guarded(index):
        try:
            work(index)
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=guarded, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        expect(not thread.is_alive(), "a thread hangs")
    if problems:
        raise problems[0]


def main(module, prefix):
    sys.exit(run(module, prefix))
