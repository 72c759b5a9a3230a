"""The calendar of campaigns: read whole, or refused with what to mend."""

from pathlib import Path

import pytest

from bot.errors import OperatorError
from bot.services.campaigns import read_campaigns
from tests import as_shipped

WEEK = """
[[campaign]]
name = "Operation Sceptre"
start = 2026-11-16
end = 2026-11-22
articles = ["knives"]
source = "tests"
"""


def test_every_campaign_has_its_advice_and_a_friday() -> None:
    articles = as_shipped.library().articles
    for campaign in read_campaigns():
        assert set(campaign.articles) <= articles.keys(), campaign.name
        length = (campaign.end - campaign.start).days
        assert length >= 6 or campaign.start.weekday() <= 4 <= campaign.start.weekday() + length


def test_a_campaign_without_areas_is_everywhere(tmp_path: Path) -> None:
    path = tmp_path / "campaigns.toml"
    path.write_text(WEEK)
    assert read_campaigns(path)[0].areas is None


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (WEEK.replace("2026-11-22", "2026-11-01"), "ends before it begins"),
        (WEEK.replace("articles", "article"), "campaign.0.articles"),
        ("[[campaign", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_calendar_is_told(tmp_path: Path, written: str, told: str) -> None:
    path = tmp_path / "campaigns.toml"
    path.write_text(written)
    with pytest.raises(OperatorError, match=told):
        read_campaigns(path)
