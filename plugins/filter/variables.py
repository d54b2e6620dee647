# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's filters: Ansible's variables in, plain data out. The work is in _inventory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeVar

from ansible.errors import AnsibleError, AnsibleTemplatePluginError, AnsibleTemplateSyntaxError
from ansible.utils.display import Display
from jinja2 import Undefined, UndefinedError, pass_context
from jinja2.runtime import Context
from jinja2.utils import missing

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import arguments, buckets
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import hosts as inventory
from ansible_collections.o11y.thanos.plugins.module_utils._inventory import sources as origin
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.variables import PREFIX
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.kubeconfig import is_content
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.options import union

# What the modules use where these variables are not set.
STACK = "thanos"
NAMESPACE = "monitoring"
# Which bucket a host uses is told without its credentials, whose lookups may be slow or forbidden to another run.
_SECRETS = frozenset(name for name, key in union().items() if key.secret)
# What reading a variable raises that refers to what is not defined, or to a vault or a lookup that is not at hand.
_UNRESOLVED = (AnsibleError, UndefinedError)

# What to do with the templates of Prometheus.
_AS_IT_IS = (
    "If it is one of Prometheus, such as {{ $labels.instance }}, write !unsafe before the text, or {% raw %} at its "
    "beginning and {% endraw %} at its end; or keep rules in files, and name these in rule_files."
)
T = TypeVar("T")


@pass_context
def instances(context: Context, variables: Mapping[str, Any], tiers: Collection[str] | None = None) -> dict[str, Any]:
    """See instances.yml."""
    wanted = None if tiers is None else [str(tier) for tier in tiers]
    return _told(lambda: arguments.instances(_Ours(context, variables), wanted))


@pass_context
def common(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See common.yml."""
    return _told(lambda: arguments.common(_Ours(context, variables)))


@pass_context
def objstores(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See objstores.yml."""
    return _told(lambda: arguments.objstores(_Ours(context, variables)))


@pass_context
def sources(context: Context, variables: Mapping[str, Any]) -> dict[str, str]:
    """See sources.yml."""
    return _told(lambda: origin.sources(_Ours(context, variables)))


@pass_context
def objstore_needs(context: Context, variables: Mapping[str, Any]) -> dict[str, Any]:
    """See objstore_needs.yml."""
    ours = _Ours(context, variables, without=_SECRETS)
    return arguments.objstore_needs(ours, str(ours.get("thanos_stack") or STACK))


@pass_context
def rights(context: Context, variables: Mapping[str, Any], optional: bool = False) -> dict[str, Any]:
    """See rights.yml."""
    # Imported here: it needs what renders a stack, which no other filter does, and each task would pay for.
    from ansible_collections.o11y.thanos.plugins.module_utils._inventory.rights import cluster_role, role

    return _told(lambda: (cluster_role if optional else role)(_Ours(context, variables)))


@pass_context
def clashes(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See clashes.yml."""
    played = _played(context, hosts)
    return inventory.same_stack(_of_each(hosts, played, lambda host: _site(hostvars[host], host in played)), played)


@pass_context
def labelled_alike(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See labelled_alike.yml."""
    return inventory.labelled_alike(_read(context, hostvars, hosts, buckets.written))


@pass_context
def granted_apart(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See granted_apart.yml."""
    found = _read(context, hostvars, hosts, buckets.granted)
    return inventory.granted_apart(
        {f"{name} of {host}": granted for host, stores in found.items() for name, granted in stores.items()}
    )


@pass_context
def needed_elsewhere(context: Context, hostvars: Mapping[str, Any], host: str, others: Collection[str]) -> list[str]:
    """See needed_elsewhere.yml."""
    removed = buckets.managed(_Ours(context, hostvars[host], without=_SECRETS)).values()
    named, unknown = {}, []
    for other in others:
        try:
            named[str(other)] = buckets.named(_Ours(context, hostvars[other], without=_SECRETS))
        except _UNRESOLVED as error:
            # What was removed cannot be brought back: here, what is not known counts as a use.
            unknown.append(
                f"Which buckets {other} uses, which this run does not tear down, is not known: its variables cannot be "
                f"read ({_first_line(error)}). Make them readable, or leave thanos_teardown_buckets and "
                "thanos_teardown_blocks out."
            )
    return [*inventory.needed_elsewhere(removed, named), *(unknown if removed else ())]


@pass_context
def compacted_twice(context: Context, hostvars: Mapping[str, Any], hosts: Collection[str]) -> list[str]:
    """See compacted_twice.yml."""
    return inventory.compacted_twice(_read(context, hostvars, hosts, buckets.compacted))


class FilterModule:
    """The filters by name."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """As Ansible asks for them."""
        return {
            "instances": instances,
            "common": common,
            "objstores": objstores,
            "objstore_needs": objstore_needs,
            "rights": rights,
            "sources": sources,
            "clashes": clashes,
            "compacted_twice": compacted_twice,
            "labelled_alike": labelled_alike,
            "granted_apart": granted_apart,
            "needed_elsewhere": needed_elsewhere,
        }


def _read(
    context: Context, hostvars: Mapping[str, Any], hosts: Collection[str], read: Callable[[Mapping[str, Any]], T]
) -> dict[str, T]:
    """What ``read`` makes of each host's variables."""
    return _of_each(hosts, _played(context, hosts), lambda host: read(_Ours(context, hostvars[host], without=_SECRETS)))


def _of_each(hosts: Collection[str], played: Collection[str], work: Callable[[str], T]) -> dict[str, T]:
    """The result of ``work`` for each host; mistakes in its variables are told where the host itself is checked.

    A host that the play leaves out may refer to what is not at hand. The others are not held up for it.
    """
    found = {}
    for host in map(str, hosts):
        try:
            found[host] = work(host)
        except InvalidInput:
            continue
        except _UNRESOLVED as error:
            if host in played:
                raise
            Display().warning(
                f"{host} is not part of this run, and its variables cannot be read ({_first_line(error)}): whether it "
                "is in the way of the others is not known"
            )
    return found


def _played(context: Context, hosts: Collection[str]) -> Collection[str]:
    """The hosts of the play, also those that have failed by now; outside of a play all of them."""
    played = context.resolve_or_missing("ansible_play_hosts_all")
    return {str(host) for host in (hosts if played is missing else played)}


def _site(own: Mapping[str, Any], played: bool) -> inventory.Site:
    """Where the stack of a host is. One that is not played, and sets no variable of ours, has none."""
    namespace, stack = own.get("thanos_namespace") or NAMESPACE, own.get("thanos_stack") or STACK
    there = played or any(str(name).startswith(PREFIX) for name in own)
    return inventory.Site(_cluster(own) if there else "", str(namespace), str(stack))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _cluster(own: Mapping[str, Any]) -> str:
    """Which cluster a host's variables lead to; empty where they do not tell it from others."""
    uid = (own.get("stack_result") or {}).get("cluster_uid")
    if uid:
        return f"uid {uid}"
    kubeconfig, context = own.get("thanos_kubeconfig") or "default", own.get("thanos_context") or "current"
    # The files of a bastion are its own, and a kubeconfig that is given by its content is not for messages.
    if own.get("ansible_connection", "local") != "local" or is_content(kubeconfig):
        return ""
    return f"{kubeconfig} kubeconfig, {context} context"


def _told(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What ``work`` returns, its mistakes as the error that Ansible shows in full."""
    try:
        return work()
    except InvalidInput as e:
        raise AnsibleTemplatePluginError(str(e)) from None


class _Ours(Mapping[str, Any]):
    """The variables that start with ``thanos_``, each made plain data when it is asked for; keys ``without`` are not.

    A host's variables are without those of the play, the role and the task, which the context of the task's own host
    has. What nothing asks for is not looked at: it may refer to what is not defined here, or to a slow lookup.
    """

    def __init__(self, context: Context, variables: Mapping[str, Any], without: Collection[str] = ()) -> None:
        self._without = without
        self._variables = variables
        self._names = {str(name) for name in variables if str(name).startswith(PREFIX)}
        self._context = context
        self._found: dict[str, Any] = {}
        host = variables.get("inventory_hostname")
        own = host is not None and host == context.resolve("inventory_hostname")
        self._nearer = {str(name) for name in context.get_all() if str(name).startswith(PREFIX)} if own else set()

    def __getitem__(self, name: str) -> Any:
        if name not in self._found:
            value = self._context.resolve(name) if name in self._nearer else self._variables[name]
            self._found[name] = _plain(value, self._without, name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names | self._nearer)

    def __len__(self) -> int:
        return len(self._names | self._nearer)


def _plain(value: Any, without: Collection[str], path: str) -> Any:
    """Without the types in which Ansible remembers where data comes from, and which templates as it is read."""
    if isinstance(value, Undefined):
        return str(value)  # raises, and names what is not defined
    if isinstance(value, Mapping):
        # There the names of secret keys stand for where they come from, and the values are names as well.
        deep = {key: () if key == "credentials_from" else without for key in value}
        return {
            str(key): _plain(_item(value, key, f"{path}.{key}"), deep[key], f"{path}.{key}")
            for key in value
            if key not in without
        }
    if isinstance(value, (list, tuple)):
        return [_plain(_item(value, i, f"{path}[{i}]"), without, f"{path}[{i}]") for i in range(len(value))]
    return str(value) if isinstance(value, str) else value


def _item(values: Any, key: Any, path: str) -> Any:
    """One value, of which Ansible makes its template as it is read; what is no such template is told with a way out."""
    try:
        return values[key]
    except UndefinedError as error:
        cause = error.__cause__
        if not isinstance(cause, AnsibleTemplateSyntaxError):
            raise
        what = f"{path}: Ansible takes this text for a template of its own ({_first_line(cause)})"
        raise AnsibleTemplatePluginError(f"{what}. {_AS_IT_IS}", obj=cause.obj) from None
