"""Many runs at the same part, whose claims stand in a bucket: the same promises as in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claiming import hold, kill_again_and_again
from fakes.s3 import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


def test_killed_at_random_points_by_eight_at_once(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """Eight processes, one after the other is killed: nobody lost, nobody twice. 12 kills are the long form."""
    kills = 12 if int(request.config.getoption("--kills")) >= 50 else 1
    with serving():
        record_property("inputs", hold(kill_again_and_again("s3://news/editions", kills), kills))
