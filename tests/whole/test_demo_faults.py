"""Which faults a demo meets: those that it should show really come, whatever it sells."""

import pytest

from services.demo.faults import faults
from services.demo.starting import EXACT_READ_SECONDS


@pytest.mark.parametrize("receipts", [30, 60, 2_025])
def test_a_slow_answer_of_exact_outlasts_the_product_s_patience_a_few_times(receipts: int) -> None:
    """A receipt costs one to three calls, so one to three of them are: six seconds each."""
    chosen = faults("retail", receipts, seed=1)
    assert EXACT_READ_SECONDS < chosen["slow_seconds"] <= EXACT_READ_SECONDS + 2
    assert chosen["exact"]["slow"] * receipts == pytest.approx(1)
