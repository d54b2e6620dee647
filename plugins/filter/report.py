# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Filters of the report: what a run's tasks returned for each host in, one report out. The work is in _report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ansible.errors import AnsibleTemplatePluginError
from jinja2 import pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

# Where the roles keep what their tasks returned, in the order of a run.
_RESULTS = (
    "objstore_bucket_result",
    "objstore_secret_result",
    "pki_own",
    "pki_result",
    "stack_result",
    "verify_result",
)
_UNTOLD = "a task of this run failed for this cluster before it was verified; its message is above"


@pass_context
def report(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> dict[str, Any]:
    """See report.yml."""
    # Imported here, as only the last task of a run needs it: Ansible loads every file of filters for the first filter.
    from ansible_collections.o11y.thanos.plugins.module_utils._report.fleet import fleet, table

    played, left = _hosts(context, "ansible_play_hosts_all"), _hosts(context, "ansible_play_hosts")
    made = fleet(
        _told(str(host), hostvars[host], played is None or host in played, left is None or host in left)
        for host in hosts
    )
    return {**made, "table": table(made)}


def report_page(made: Mapping[str, Any], drawing: str = "", about: str = "") -> str:
    """See report_page.yml."""
    from ansible_collections.o11y.thanos.plugins.module_utils._report.page import page

    return page(made, str(drawing), str(about))


def topology_as(data: Mapping[str, Any], form: str) -> Any:
    """See topology_as.yml."""
    from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_page import page
    from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_svg import svg
    from ansible_collections.o11y.thanos.plugins.module_utils._report.topology_table import table

    forms: dict[str, Callable[[Mapping[str, Any]], Any]] = {"table": table, "svg": svg, "html": page}
    if form not in forms:
        raise AnsibleTemplatePluginError(f"form: '{form}' is none of {', '.join(forms)}.")
    return forms[form](data)


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """As Ansible asks for them."""
        return {"report": report, "report_page": report_page, "topology_as": topology_as}


def _hosts(context: Context, name: str) -> Collection[str] | None:
    found = context.resolve_or_missing(name)
    return None if found is missing else {str(host) for host in found}


def _message(result: Mapping[str, Any]) -> str:
    """What a failed task said; of a loop, what its first item that failed did."""
    items = [one for one in result.get("results") or () if one.get("failed")]
    return str((items[0] if items else result).get("msg") or "")


def _told(host: str, own: Mapping[str, Any], played: bool, left: bool) -> Any:
    """What the tasks of the run told of one host."""
    from ansible_collections.o11y.thanos.plugins.module_utils._inventory.roles import ALONE, role_of
    from ansible_collections.o11y.thanos.plugins.module_utils._report.fleet import Told

    results = [own[name] for name in _RESULTS if isinstance(own.get(name), Mapping)]
    failures = [_message(one) for one in results if one.get("failed")]
    verified = own.get("verify_result") or {}
    role = role_of(own.get("group_names") or ())
    return Told(
        host=host,
        role="" if role == ALONE else role,
        played=played,
        failure=next(iter(failures), "" if left or not played else _UNTOLD),
        report=verified.get("report") or {},
        certificates=(own.get("pki_result") or {}).get("certificates") or (),
        addresses=verified.get("addresses") or (),
    )
