# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A body gets the same parameters, and its result arrives the same, in the controller's process and as a module."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.integration.action.conftest import Plays

# What Ansible itself adds to what a module returns.
_ANSIBLES = {"invocation", "exception"}


def of_body(result: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if key not in _ANSIBLES and not key.startswith("ansible_")}


def test_arguments_are_plain_values(plays: Plays) -> None:
    value = {"text": "{{ word }}", "a": ["x", 1, 1.5, True, None], "when": "{{ day }}", "{{ word }}": "key"}
    variables = {"vars": {"word": "said", "day": "2024-01-02"}}
    done = plays.run(
        [plays.trap("types", "plugin", value=value), plays.trap("types", "module", module=True, value=value)],
        **variables,
    )
    assert "Ansible" not in str(done["plugin"]["types"])
    assert of_body(done["plugin"]) == of_body(done["module"])


def test_a_date_is_text(plays: Plays) -> None:
    done = plays.both_ways("types", value={"day": date(2024, 1, 2)})
    assert "2024-01-02" in done["plugin"]["text"]
    assert of_body(done["plugin"]) == of_body(done["module"])


@pytest.mark.parametrize("do", ["odd", "leak", "fail"])
def test_result_is_the_same_as_of_the_module(plays: Plays, do: str) -> None:
    done = plays.both_ways(do, secret="s3cr3t-value")
    assert of_body(done["plugin"]) == of_body(done["module"])


def test_refusal_is_the_same_as_of_the_module(plays: Plays) -> None:
    done = plays.both_ways("look", number="abcdef", no_such_option=1)
    assert of_body(done["plugin"]) == of_body(done["module"])
    done = plays.both_ways("look", number="abcdef")
    assert of_body(done["plugin"]) == of_body(done["module"])
    assert "number" in done["plugin"]["msg"]


def test_warnings_about_arguments_are_told(plays: Plays) -> None:
    done = plays.both_ways("look", value=1, worth=2)
    assert "Both option value and its alias worth are set." in str(done["plugin"]["warnings"])
    assert of_body(done["plugin"]).get("warnings") == of_body(done["module"]).get("warnings")
    assert done.text.count("Alias 'worth' is deprecated") >= 1


@pytest.mark.parametrize("module", [False, True], ids=["plugin", "module"])
def test_former_name_at_a_level_that_ansible_does_not_look_into_is_told(plays: Plays, module: bool) -> None:
    done = plays.run([plays.trap("look", level={"before": "it"}, module=module)])
    assert not done["it"].get("failed")
    told = " ".join(done.text.split())
    assert "level.before is a former name: the option is now now." in told
    assert "o11y.thanos" in told
    assert "9.0.0" in told


def test_result_that_is_no_json_fails_with_a_line(plays: Plays) -> None:
    """Ansible would hand on some types with a warning, and fail for others without a word."""
    done = plays.run([plays.trap("impossible")])
    assert done["it"]["failed"]
    assert "trap.trap.trap has a mistake: TypeError" in done.text
