"""Rates of `verify_batch`, beside Math-Verify in the same process where it is installed, and of the import.

    python measure.py solutions.jsonl

Lines have `gold_answer_text` and `solution`. Nothing is asserted; what is printed stands in docs/python.md.
"""

import json
import subprocess
import sys
import time

import eightfold

#: Gold answers and responses in the style of MATH: made here, none is from the data set.
MATH = [
    (r"\frac{3}{4}", r"Therefore the probability is $\boxed{\dfrac{3}{4}}$."),
    (r"2\sqrt{5}", r"The distance is $\sqrt{20}$, that is $\boxed{2\sqrt{5}}$."),
    (r"(-\infty, 2] \cup [5, \infty)", r"So the solution set is $\boxed{(-\infty,2]\cup[5,\infty)}$."),
    (r"\{1, 2, 3\}", r"The roots are $\boxed{3, 1, 2}$."),
    (r"x^2 + 2x + 1", r"Expanding, we find $\boxed{(x+1)^2}$."),
    (r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", r"$\boxed{\begin{pmatrix}1&2\\3&4\end{pmatrix}}$"),
    (r"\frac{\pi}{6}", r"Hence $\theta = \boxed{30^\circ}$."),
    (r"y = 2x + 3", r"The line is $\boxed{y=2x+3}$."),
    (r"10!", r"The number of ways is $\boxed{3628800}$."),
    (r"1 + i", r"so $z = \boxed{1 + i}$"),
    (r"\frac{1}{x+1}", r"which simplifies to $\boxed{\frac{x-1}{x^2-1}}$."),
    (r"65", r"Thus $m + n = 49 + 16 = \boxed{65}$."),
] * 100


def rate(name: str, pairs: list[tuple[str, str]], grade, best_of: int = 3) -> float:
    """Pairs graded a second, the best of some runs, and how many were equal."""
    seconds, equal = [], 0
    for _ in range(best_of):
        start = time.perf_counter()
        equal = sum(map(bool, grade(pairs)))
        seconds.append(time.perf_counter() - start)
    found = len(pairs) / min(seconds)
    print(f"{name:40} {found:12,.0f} a second   {equal} of {len(pairs)} equal")
    return found


def ours(pairs):
    golds, preds = zip(*pairs)
    return eightfold.verify_batch(golds, preds, threads=1)


def theirs(pairs):
    from math_verify import parse, verify

    return [verify(parse(f"${gold}$"), parse(pred)) for gold, pred in pairs]


def main() -> None:
    rows = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
    worked = [(row["gold_answer_text"], row["solution"]) for row in rows]
    # Math-Verify takes the answer alone as gold.
    bare = [(gold.rsplit("A:", 1)[-1].strip().replace(",", ""), solution) for gold, solution in worked]
    for name, pairs, fair in [("worked solutions", worked, bare), ("MATH-style answers", MATH, MATH)]:
        own = rate(f"{name}: eightfold", pairs * 20, ours) if len(pairs) < 5000 else rate(name, pairs, ours)
        try:
            other = rate(f"{name}: Math-Verify", fair, theirs, best_of=1)
            print(f"{'':40} {own / other:12,.0f} times")
        except ImportError:
            print("Math-Verify is not installed")
    times = []
    for _ in range(20):
        code = "import time; t = time.perf_counter(); import eightfold; print(time.perf_counter() - t)"
        out = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
        times.append(float(out.stdout))
    print(f"import: {1000 * sorted(times)[10]:.1f} ms, the middle of 20")


if __name__ == "__main__":
    main()
