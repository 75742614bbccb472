"""What the tasks of this folder call."""

from eightfold.lm_eval import process_results

__all__ = ["process_results"]
