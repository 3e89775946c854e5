"""How many examples Hypothesis tries: a few hundred in the suite, many more at night (`paihao test --nightly`)."""

from hypothesis import settings

SUITE, NIGHTLY = "suite", "nightly"
FUZZ = 300
"""Examples of a fuzz test in the suite."""
NIGHTLY_EXAMPLES = 50_000

settings.register_profile(SUITE, max_examples=FUZZ, deadline=None)
settings.register_profile(NIGHTLY, max_examples=NIGHTLY_EXAMPLES, deadline=None)


def examples(suite: int, nightly: int = NIGHTLY_EXAMPLES) -> int:
    """How many examples a test tries that has a number of its own for the suite."""
    return nightly if settings.get_current_profile_name() == NIGHTLY else suite
