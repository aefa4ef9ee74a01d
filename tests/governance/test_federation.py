"""The schema as a subgraph."""

from __future__ import annotations

from click.testing import CliRunner
from graphql import parse

from hub.cli import main


def test_the_subgraph_has_keys_and_shares_its_page_info() -> None:
    found = CliRunner().invoke(main, ["schema", "--role", "bureau", "--federation"]).output
    parse(found)
    assert found.startswith('extend schema\n  @link(url: "https://specs.apollo.dev/federation/v2')
    assert 'type Beneficiary implements Node @key(fields: "id", resolvable: false) {' in found
    assert "type PageInfo @shareable {" in found
    assert "type Group {" in found
    assert "@oneOf" not in found
