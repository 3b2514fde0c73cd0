"""Many runs at the same part, whose claims stand in a bucket: the same promises as in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.s3 import serving

if TYPE_CHECKING:
    from collections.abc import Callable

claiming = pytest.importorskip("claiming", reason="claims are on their way", exc_type=ModuleNotFoundError)


def test_killed_at_random_points_by_eight_at_once(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> None:
    """Eight processes, one after the other is killed: nobody lost, nobody twice. 12 kills are the long form."""
    kills = 12 if int(request.config.getoption("--kills")) >= 50 else 1
    with serving():
        record_property("inputs", claiming.hold(claiming.kill_again_and_again("s3://news/editions", kills), kills))
