# Copyright (c) 2026, the o11y.thanos contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: parameters in, every mistake at once, one exit. Nothing else makes an AnsibleModule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.module_utils import basic

from ._errors import Failure, InvalidInput, nearest
from ._kubernetes.kubeconfig import hidden, is_content, texts


def raw_parameters() -> dict[str, Any]:
    """The parameters as the user typed them, before Ansible's own validation, which would stop at the first mistake."""
    # None is what ansible-test gives while it reads the argument specification.
    return {k: v for k, v in (basic._load_params() or {}).items() if not k.startswith("_ansible_")}


class _Module(basic.AnsibleModule):
    """Fails with every mistake, not the first alone. Until all is checked it shows no parameter: one may be a secret.

    Ansible's own sentences quote values of a wrong type; those from beneath an option are taken out.
    """

    _checked = False

    def __init__(self, argument_spec: Mapping[str, Any], raw: Mapping[str, Any], problems: Sequence[str] = ()) -> None:
        nested = {text for value in raw.values() if not isinstance(value, str) for text in texts(value)}
        self._nested, self._problems = sorted(nested, key=len, reverse=True), problems
        super().__init__(argument_spec=dict(argument_spec), supports_check_mode=True)
        if problems:
            self.fail_json()
        self._checked = True

    def fail_json(self, msg: str = "", **kwargs: Any) -> None:
        if self._problems:
            refusal = InvalidInput(self._problems)
            msg, kwargs = str(refusal), {"problems": list(refusal.problems)}
        elif not self._checked:
            # What is shorter would be found in any word.
            for text in (text for text in self._nested if len(text) > 3):
                msg = msg.replace(text, "…")
        if not self._checked:
            kwargs["invocation"] = {"module_args": {}}
        super().fail_json(msg, **kwargs)


def checked(
    argument_spec: Mapping[str, Any], mistakes: Callable[[Mapping[str, Any]], Sequence[str]]
) -> basic.AnsibleModule:
    """An AnsibleModule whose parameters have no mistake; else the task has failed with all of them.

    ``mistakes`` looks at the raw parameters and returns sentences without any secret value.
    """
    raw = raw_parameters()
    problems = [*mistakes(raw)]
    problems += _unknown(raw, argument_spec, "\n".join(problems))
    if problems:
        _Module(argument_spec, raw, problems)
    spec = dict(argument_spec)
    kubeconfig = raw.get("kubeconfig") if "kubeconfig" in spec else None
    if is_content(kubeconfig):
        spec["kubeconfig"] = {**spec["kubeconfig"], "no_log": True}
    module = _Module(spec, raw)
    if is_content(kubeconfig):
        # Ansible would now blank every text of the kubeconfig, ``v1`` and names among them, wherever it occurs.
        module.no_log_values = (module.no_log_values - set(texts(kubeconfig))) | hidden(kubeconfig)
    for name, row in spec.items():
        # Empty text means "not set", as where options are converted.
        if module.params.get(name) == "" and row.get("default") is not None:
            module.params[name] = row["default"]
    return module


def _unknown(raw: Mapping[str, Any], argument_spec: Mapping[str, Any], told: str) -> list[str]:
    """A sentence for each name that is no option and not ``told`` of: Ansible would show its value."""
    known = {name for key, row in argument_spec.items() for name in (key, *row.get("aliases", ()))}
    names = [name for name in raw if name not in known and f"{name}: " not in told]
    return [f"{name}: there is no such option.{nearest(name, known)}" for name in names]


def finish(module: basic.AnsibleModule, work: Callable[[], Mapping[str, Any]]) -> None:
    """Do the work and exit with what it returns; a Failure is a failed task with its sentence and no stack trace."""
    try:
        result = work()
    except InvalidInput as e:
        module.fail_json(msg=str(e), problems=list(e.problems))
    except Failure as e:
        module.fail_json(msg=str(e))
    for warning in result.get("warnings", ()):
        module.warn(warning)
    module.exit_json(**{name: value for name, value in result.items() if name != "warnings"})
