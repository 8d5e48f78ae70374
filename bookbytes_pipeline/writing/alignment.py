"""Which passages the sentences of a summary rest on, given that a summary mostly follows the order of its chapter.

A hidden Markov model: the passages are its states, their resemblance to a sentence is what is observed, and from one
sentence to the next the place moves on by about the share that a sentence has of the chapter. So a sentence in other
words is found between those of its neighbours. How much the order says is weighed against no order at all, by how well
each explains the summary, so that a summary in another order is not forced into this one.
"""

from typing import Any

_TRUST = 0.4
"""How much a difference in resemblance counts against the order."""
_JUMP = 0.02
"""The share of sentences that stand anywhere in the chapter, such as one that says what it is all about."""
_SPREAD = 0.4
"""Of the moves, compared with their mean."""
_RETREAT = 6.0
"""How much less likely a step back is than a step ahead."""
_MAX_LOG_ODDS = 50.0


def align(resemblance: list[list[float]]) -> list[list[float]]:
    """Return how probable it is (0..1, a row adds up to 1) that each sentence rests on each passage.

    `resemblance` has a row for each sentence of the summary, with a score from 0 for each passage, both in order.
    """
    import numpy as np  # noqa: PLC0415 - a tenth of a second, only where there is a text

    scores = np.asarray(resemblance)
    likelihood = np.exp(_TRUST * (scores - scores.max(axis=1, keepdims=True)))
    ordered, log_likelihood = _in_order(likelihood)
    unordered = likelihood / likelihood.sum(axis=1, keepdims=True)
    odds = float(log_likelihood - np.log(likelihood.mean(axis=1)).sum())
    share = 1 / (1 + np.exp(-max(-_MAX_LOG_ODDS, min(_MAX_LOG_ODDS, odds))))
    probable: list[list[float]] = (share * ordered + (1 - share) * unordered).tolist()
    return probable


def _in_order(likelihood: Any) -> tuple[Any, float]:
    """Return the probabilities for a summary in order, and the logarithm of how well that explains it."""
    import numpy as np  # noqa: PLC0415 - as above

    sentences, passages = likelihood.shape
    step = passages / sentences
    width = _SPREAD * step + 1
    kernel = _moves(passages, step, width)
    start = np.exp(-np.arange(passages) / (2 * width))
    forward, log_likelihood, place = [], 0.0, (1 - _JUMP) * start / start.sum() + _JUMP / passages
    for row in likelihood:
        seen = place * row
        log_likelihood += float(np.log(seen.sum()))
        forward.append(seen / seen.sum())
        place = (1 - _JUMP) * _moved(forward[-1], kernel) + _JUMP / passages
    backward, place = [], np.ones(passages)
    for row in likelihood[::-1]:
        backward.append(place)
        seen = place * row
        place = (1 - _JUMP) * _moved(seen / seen.sum(), kernel[::-1]) + _JUMP / passages
    both = np.array(forward) * np.array(backward[::-1])
    return both / both.sum(axis=1, keepdims=True), log_likelihood


def _moves(passages: int, step: float, width: float) -> Any:
    """Return how probable each move is, from `passages - 1` back to as many ahead."""
    import numpy as np  # noqa: PLC0415 - as above

    move = np.arange(1 - passages, passages)
    ahead = np.exp(-np.abs(move - step) / width)
    back = np.exp((_RETREAT * np.minimum(move, 0) - step) / width)
    kernel = np.where(move >= 0, ahead, back)
    return kernel / kernel.sum()


def _moved(place: Any, kernel: Any) -> Any:
    import numpy as np  # noqa: PLC0415 - as above

    passages = len(place)
    return np.convolve(place, kernel)[passages - 1 : 2 * passages - 1]
