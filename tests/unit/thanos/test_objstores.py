# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option ``objstores``: what pods need is rendered from it, before there is any Secret and without any cluster."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._errors import InvalidInput
from ansible_collections.o11y.thanos.plugins.module_utils._inventory.arguments import objstore_needs
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.identity import Identity
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.needs import Needs
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.checks import check, missing_objstores
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.model import Compactor, Facts, ObjstoreFact
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.render import phases
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import BUCKET, one, render

TIERS: dict[str, Any] = {"sidecar": {}, "store": {}, "compact": {}, "ruler": {}, "query": {}}
ROLES = {"sidecar": "writer", "store": "reader", "compact": "compactor", "ruler": "writer"}
LATER = "known after the Secret is made"


def objstores(**options: Any) -> dict[str, Any]:
    return objstore_needs({"thanos_objstore": {"type": "S3", "bucket": "metrics", **options}}, "thanos")


def mounted(workload: dict[str, Any]) -> str:
    volumes = workload["spec"]["template"]["spec"]["volumes"]
    return str(next(v["secret"]["secretName"] for v in volumes if v["name"] == "objstore"))


def test_each_tier_mounts_the_secret_of_its_role_though_none_exists_yet() -> None:
    given = objstores(access={role: {"access_key": "i"} for role in ("reader", "writer", "compactor")})
    found = render(TIERS, facts=Facts(), objstores=given)
    for tier, role in ROLES.items():
        assert mounted(one(found, "StatefulSet", f"thanos-{tier}")) == f"thanos-objstore-default-{role}"


def test_digest_that_nobody_can_know_yet_says_so() -> None:
    workload = one(render({"store": {}}, facts=Facts(), objstores=objstores()), "StatefulSet", "thanos-store")
    assert workload["spec"]["template"]["metadata"]["annotations"]["o11y.thanos/objstore-digest"] == LATER


def test_manifests_are_rendered_without_any_cluster() -> None:
    stack = parse({"cluster": "eu", "instances": TIERS, "objstores": objstores()})
    facts = Facts()
    kinds = {m["kind"] for phase in phases(stack, facts) for m in phase.objects}
    assert {"StatefulSet", "Deployment", "Service", "ServiceAccount", "ConfigMap"} <= kinds
    (told,) = missing_objstores(stack, facts)
    assert "thanos-objstore-default that sidecar, store, compact, ruler need does not exist" in str(told)


def test_secret_of_somebody_else_is_named_with_its_key() -> None:
    theirs = {"name": "theirs", "key": "thanos.yaml"}
    given = objstores(credentials_mode="external", credentials_from=theirs)
    workload = one(render({"store": {}}, facts=Facts(), objstores=given), "StatefulSet", "thanos-store")
    assert mounted(workload) == "theirs"
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    assert "--objstore.config-file=/etc/thanos/objstore/thanos.yaml" in container["args"]


SECOND = Facts(compactors=(Compactor("StatefulSet monitoring/thanos-compact", BUCKET),))


def second(facts: Facts = SECOND, *, planned: bool = True, **options: Any) -> list[str]:
    """What is told of a second stack in the cluster, whose compactor has the options of the inventory."""
    given = objstores(endpoint="minio:9000", **options)
    stack = parse({"name": "other", "cluster": "eu", "instances": {"compact": {}}, "objstores": given})
    return [str(finding) for finding in check(stack, facts, planned=planned)[0]]


def test_second_compactor_on_a_bucket_is_known_before_there_is_a_secret() -> None:
    (sentence,) = second()
    assert sentence.startswith(
        "instances.compact: StatefulSet monitoring/thanos-compact already compacts S3 bucket metrics at minio:9000"
    )
    assert second(bucket="another") == []
    assert second(prefix="eu") == []
    # Without check mode, a Secret that is missing is told instead.
    assert second(planned=False) == []


def test_secret_that_will_be_another_one_does_not_tell_the_bucket() -> None:
    """Check mode goes by what the run makes; a run by what the pods then read."""
    before = ObjstoreFact(Needs("other-objstore-default"), "0123456789abcdef", Identity("S3", "minio:9000", "old", ""))
    made = {("default", "compactor"): before}
    with_needs = {key: replace(fact, needs=replace(fact.needs, bucket=BUCKET)) for key, fact in made.items()}
    facts = replace(SECOND, objstores=with_needs)
    assert len(second(facts)) == 1
    assert second(facts, planned=False) == []


def test_objstore_secret_of_an_instance_wins() -> None:
    options = {"store": {"objstore_secret": {"name": "own"}}}
    assert mounted(one(render(options, facts=Facts(), objstores=objstores()), "StatefulSet", "thanos-store")) == "own"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"default": {"raeder": {"secret": "a"}}}, "objstores.default.raeder: there is no such option. Did you mean"),
        ({"default": {"reader": {}}}, "objstores.default.reader.secret is required."),
        ({"default": {"reader": {"secret": "A b"}}}, "objstores.default.reader.secret: 'A b' is not"),
        ({"default": {"reader": {"secret": "a", "credentials_mode": "x"}}}, "reader.credentials_mode: 'x' is not one"),
        ({"default": {"reader": {"secret": "a", "env": {"A": {"name": "b"}}}}}, "reader.env.A.key is required."),
        ({"default": {"reader": {"secret": "a", "env": {"A": "canary"}}}}, "reader.env.A: this is not a mapping"),
        ({"default": "canary"}, "objstores.default: this is not a mapping"),
        ({"default": {"reader": "canary"}}, "objstores.default.reader: this is not a mapping"),
    ],
)
def test_mistakes_are_named_and_no_value_that_should_be_a_mapping_is_quoted(given: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parse({"cluster": "eu", "instances": {"store": {}}, "objstores": given})
    (problem,) = raised.value.problems
    assert sentence in str(problem)
    assert "canary" not in str(problem)


TOKEN = "/etc/thanos/secrets/google/token"


def federated(path: str) -> str:
    """A credential of Google that exchanges the token in a file."""
    return json.dumps({"type": "external_account", "audience": "a", "credential_source": {"file": path}})


@pytest.mark.parametrize(
    ("options", "files", "told"),
    [
        ({"secrets": ["google"]}, {"Secret/google": ("token",)}, ""),
        ({"pod_annotations": {"inject": "true"}}, {}, ""),
        ({"image": "own/thanos:v0.42.4"}, {}, ""),
        ({}, {}, f"{TOKEN}, which the pods do not have; add the Secret google."),
        (
            {"secrets": ["google"]},
            {"Secret/google": ("tokn",)},
            f"{TOKEN}, and the Secret monitoring/google has no key token; it has: tokn.",
        ),
    ],
)
def test_file_that_a_credential_is_read_with_has_to_be_in_the_pods(
    options: dict[str, Any], files: dict[str, tuple[str, ...]], told: str
) -> None:
    given = objstore_needs(
        {"thanos_objstore": {"type": "GCS", "bucket": "metrics", "service_account": federated(TOKEN)}}, "thanos"
    )
    assert given["default"]["reader"]["files"] == [TOKEN]
    stack = parse({"cluster": "eu", "instances": {"store": options, "query": {}}, "objstores": given})
    problems, _warnings = check(stack, Facts(files=files))
    what = "instances.store.secrets: the credential of the object store is read with the file "
    assert [str(problem) for problem in problems] == ([f"{what}{told}"] if told else [])


def test_file_of_a_credential_that_somebody_else_made_is_told_of_elsewhere() -> None:
    facts = Facts(
        objstores={("secret/theirs", "reader"): ObjstoreFact(Needs("theirs", files=("/x/token",)), "d", BUCKET)}
    )
    stack = parse({"cluster": "eu", "instances": {"store": {"objstore_secret": {"name": "theirs"}}}})
    (problem,), _warnings = check(stack, facts)
    assert str(problem).endswith(
        "read with the file /x/token, which the pods do not have; name one below /etc/thanos/secrets/, and add its "
        "Secret."
    )
