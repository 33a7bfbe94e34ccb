"""The reference page says what the code does."""

from __future__ import annotations

from pathlib import Path

from scripts import reference


def test_the_reference_page_is_current() -> None:
    page = Path(reference.TARGET).read_text(encoding="utf-8")
    assert page == reference.text(), "run `.venv/bin/python -m scripts.reference`"
