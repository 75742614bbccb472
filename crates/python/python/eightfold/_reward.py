"""What every reward shares: the grader, the text of a completion, and golds that cannot be read."""

from __future__ import annotations

from ._core import Grade, Grader

#: A reward takes no guesses: a policy would learn them.
MARKED = Grader(extract="marked")


def text_of(argument: str, completion: object) -> str:
    """The text of a completion: a str, or the last message of a conversation."""
    if isinstance(completion, str):
        return completion
    if isinstance(completion, (list, tuple)):
        if not completion:
            return ""
        message = completion[-1]
        if isinstance(message, dict) and "content" in message:
            return _content(f"{argument}[-1]['content']", message["content"])
    raise TypeError(f"{argument}: expected str or a list of messages with `content`, found {type(completion).__name__}")


def _content(argument: str, content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, (list, tuple)) and all(isinstance(part, dict) for part in content):
        return "".join(part["text"] for part in content if isinstance(part.get("text"), str))
    raise TypeError(f"{argument}: expected str or a list of parts, found {type(content).__name__}")


def is_understood(gold: str, grader: Grader = MARKED) -> bool:
    """Whether there is a gold answer that can be read, whatever a response says."""
    return grader.verify(gold, "\\boxed{0}").gold_understood


def score(grade: Grade) -> float:
    """1.0 where equal is shown, 0.0 elsewhere."""
    return 1.0 if grade else 0.0
