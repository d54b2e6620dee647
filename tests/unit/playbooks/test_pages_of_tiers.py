# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable that the pages about receive, query frontend and existing Prometheis show is taken without a word."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2.nativetypes import NativeEnvironment

from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import instances
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import KNOWN
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Context, Facts
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse
from tests.support.guides import files
from tests.support.playbooks import play
from tests.tasks.tree import ROOT

PAGES = ("receive", "query-frontend", "existing-prometheus")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What a host has beside what a block shows of it.
HOST = {
    "thanos_enabled": ["sidecar", "store", "query", "query_frontend", "compact", "ruler", "receive", "bucket_web"],
    "thanos_receive": {"replicas": 3},
}
ANSIBLE = {"inventory_hostname": "eu", "groups": {"pushers": ["eu", "us"], "hub": ["hub"]}}


def told(value: Any) -> Any:
    """The value as Ansible hands it over."""
    if isinstance(value, dict):
        return {key: told(below) for key, below in value.items()}
    if isinstance(value, list):
        return [told(below) for below in value]
    return NativeEnvironment().from_string(value).render(ANSIBLE) if isinstance(value, str) else value


def blocks(page: str) -> list[dict[str, Any]]:
    """The blocks of a page that are variables of an inventory."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    found = [yaml.safe_load(block) for block in BLOCK.findall(text)]
    return [block for block in found if isinstance(block, dict) and any(name.startswith("thanos_") for name in block)]


SHOWN = [pytest.param(block, id=f"{page}-{i}") for page in PAGES for i, block in enumerate(blocks(page))]


@pytest.mark.parametrize("block", SHOWN)
def test_variables_that_a_page_shows_have_no_mistakes(block: dict[str, Any]) -> None:
    variables = told({**HOST, **block})
    assert set(variables) - set(KNOWN) == set()
    stack = parse({"cluster": "eu", "instances": instances(variables)})
    named = {name.removeprefix("thanos_") for name in block} - {"enabled"}
    assert named <= {instance.tier.name for instance in stack.instances}
    for instance in stack.instances:
        assert instance.tier.render(instance, Context(stack, Facts()))


def test_deduplication_that_the_page_about_receive_names_is_taken() -> None:
    text = (ROOT / "docs/receive.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"`(thanos_query: \{extra_args: [^`]*)`", text)
    stack = parse({"cluster": "eu", "instances": {"query": yaml.safe_load(shown)["thanos_query"]}})
    (query,) = stack.instances
    assert "'--deduplication.func=chain'" in str(query.tier.render(query, Context(stack, Facts())))


def test_play_that_the_page_about_receive_shows_tells_what_the_operator_needs(tmp_path: Path) -> None:
    name = "show-remote-write.yml"
    (tmp_path / name).write_text(files(ROOT / "docs/receive.md")[name], encoding="utf-8")
    done = play(str(tmp_path / name), {"localhost": {"ansible_connection": "local"}}, tmp_path)
    assert done.code == 0, done.text
    for told_there in ("remoteWrite:", "messageVersion: V1.0", "THANOS-TENANT: shop", "keySecret:"):
        assert told_there in done.text


def test_each_page_shows_some() -> None:
    assert {page for page in PAGES if len(blocks(page)) >= 3} == set(PAGES)
