"""The adapters of evaluations without their hosts; tests_hosts has them in them."""

import subprocess
import sys
from pathlib import Path

import pytest

import eightfold.inspect
import eightfold.lighteval
from eightfold.lm_eval import TASKS, process_results


def test_results_of_documents():
    both = {"verified": 1.0, "gold_understood": 1.0}
    assert process_results({"answer": "3 + 2\n#### 5"}, ["#### 5"]) == both
    assert process_results({"Answer": 5}, ["it is 5"]) == both
    assert process_results({"solution": "so \\boxed{x}"}, ["\\boxed{x}"]) == both
    assert process_results({"answer": "\\frac{"}, ["\\boxed{1}"]) == {"verified": 0.0, "gold_understood": 0.0}
    for call in [lambda: process_results({}, ["5"]), lambda: process_results({"answer": "5"}, [])]:
        with pytest.raises(ValueError, match="doc|results"):
            call()
    with pytest.raises(TypeError, match="pred"):
        process_results({"answer": "5"}, [5])


def test_the_folder_is_printed():
    out = subprocess.run([sys.executable, "-m", "eightfold.lm_eval"], capture_output=True, text=True, check=True)
    folder = Path(out.stdout.strip())
    assert folder == TASKS and len(list(folder.glob("*.yaml"))) == 3


@pytest.mark.parametrize("adapter", [eightfold.inspect.math_answer, eightfold.lighteval.math_answer])
def test_hosts_are_imported_when_they_are_needed(adapter):
    with pytest.raises(ModuleNotFoundError, match="inspect_ai|lighteval"):
        adapter(extract="marked")
