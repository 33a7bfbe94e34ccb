from __future__ import annotations

import json

import jsonschema
import pytest

from supplychain.errors import UsageError
from supplychain.fleet.schemas import SCHEMAS, schema_text


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one_and_says_which(name: str) -> None:
    document = json.loads(schema_text(name))
    jsonschema.Draft202012Validator.check_schema(document)
    assert document["$id"] == f"urn:supplychain:{name}:1"


def test_another_is_refused() -> None:
    with pytest.raises(UsageError, match="there is no schema 'x'"):
        schema_text("x")
