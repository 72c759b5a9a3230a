"""Is this more than chance? The test that a published rise has to pass."""

import math
from collections.abc import Sequence
from statistics import fmean, variance

MONTHS = 12
SMALLEST = 10
"""So few offences in a month are never called a rise."""

LEVEL = 0.01
"""How likely an area may be named by chance alone in a month, over all its categories."""


def is_real(count: int, before: Sequence[int], *, tested: int = 1) -> bool:
    """Whether a month's count of offences is really higher than the twelve months before it.

    The count is held against a negative binomial distribution whose mean is that of the twelve
    months and whose variance is ``d * mean * (1 + 1/12)``: the dispersion ``d`` is their variance
    over their mean, never below 1, so that a category that always swings must swing further; the
    second term is for the mean itself being only estimated. For ``d = 1`` this is the usual exact
    comparison of two Poisson rates. It is a rise when the chance of so many or more is under
    ``LEVEL`` divided by how many categories were ``tested`` (Bonferroni).

    The dispersed baseline is that of C. P. Farrington and others, "A statistical algorithm for
    the early detection of outbreaks of infectious disease", Journal of the Royal Statistical
    Society A 159 (1996), 547-563. Seasons are not taken out. Raises ValueError for other than
    twelve months.
    """
    if len(before) != MONTHS:
        raise ValueError(f"a rise is tested against {MONTHS} months, not {len(before)}")
    if count < SMALLEST:
        return False
    mean = (sum(before) + 0.5) / MONTHS  # half an offence: none in a year is not impossible
    dispersion = max(1.0, variance(before) / mean)
    spread = dispersion * mean * (1 + 1 / MONTHS)
    return count > fmean(before) and _chance(count, mean, spread) < LEVEL / tested


def _chance(count: int, mean: float, spread: float) -> float:
    """Of a negative binomial with this mean and variance: the chance of ``count`` or more."""
    size = mean * mean / (spread - mean)
    part = mean / spread
    below = math.fsum(
        math.exp(
            math.lgamma(size + each)
            - math.lgamma(size)
            - math.lgamma(each + 1)
            + size * math.log(part)
            + each * math.log1p(-part)
        )
        for each in range(count)
    )
    return max(0.0, 1.0 - below)
