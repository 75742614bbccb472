"""Inspect runs a task with our scorer; lighteval's own classes compute our metric."""

import pytest


def test_inspect_runs_a_task(tmp_path):
    inspect_ai = pytest.importorskip("inspect_ai")
    from inspect_ai.dataset import Sample
    from inspect_ai.model import ModelOutput, ModelUsage, get_model

    from eightfold.inspect import math_answer

    said = ["so \\boxed{0.5}", "so \\boxed{3}", "It cannot be told.\nI stop here.", "it is 4"]
    outputs = [ModelOutput.from_content("mockllm/model", text) for text in said]
    for output in outputs:
        output.usage = ModelUsage()  # or the mock counts tokens by a vocabulary that it downloads
    samples = [Sample(input="?", target=target) for target in ["1/2", "4", "5", ["7", "4"]]]
    task = inspect_ai.Task(dataset=samples, scorer=math_answer())
    model = get_model("mockllm/model", custom_outputs=outputs)
    [log] = inspect_ai.eval(task, model=model, log_dir=str(tmp_path), display="none", max_connections=1, max_samples=1)
    assert log.status == "success", log.error
    scores = [next(iter(sample.scores.values())) for sample in log.samples]
    assert [score.value for score in scores] == ["C", "I", "N", "C"]
    assert [score.answer for score in scores] == ["0.5", "3", None, "it is 4"]
    assert log.results.scores[0].metrics["accuracy"].value == 0.5


def test_lighteval_computes_our_metric():
    pytest.importorskip("lighteval.metrics.utils.metric_utils")
    from lighteval.models.model_output import ModelResponse
    from lighteval.tasks.requests import Doc

    from eightfold.lighteval import math_answer

    metric = math_answer(extract="marked")
    doc = Doc(query="?", choices=["1/2"], gold_index=0)
    scores = [
        metric.compute_sample(doc=doc, model_response=ModelResponse(text=texts))["math_answer"]
        for texts in [["\\boxed{0.5}"], ["0.5"], ["\\boxed{1}", "\\boxed{1/2}"], []]
    ]
    assert scores == [1.0, 0.0, 1.0, 0.0]
    assert metric.get_corpus_aggregations()["math_answer"](scores) == 0.5
