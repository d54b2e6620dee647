# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of values as people type them: nothing, null, scalars for texts, one text for a list."""

from __future__ import annotations

import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import container, one, render


def test_empty_version_of_all_instances_is_none() -> None:
    stack = parse({"cluster": "eu", "version": "0.41.0", "common": {"version": ""}, "instances": {"query": {}}})
    assert stack.instances[0]["version"] == "0.41.0"


def test_null_leaves_a_name_out_of_a_mapping() -> None:
    query = {"labels": {"team": None, "tier": "b"}, "annotations": {"a": None}, "resources": {"limits": {"cpu": None}}}
    common = {"labels": {"team": "a"}}
    (found,) = parse({"cluster": "eu", "common": common, "instances": {"query": query}}).instances
    assert (found["labels"], found["annotations"], found["resources"]["limits"]) == ({"tier": "b"}, {}, {})


@pytest.mark.parametrize("text", ["a:1,b:2", " a:1, b:2,", "a:1\nb:2\n"])
def test_list_may_be_separated_by_commas_or_lines(text: str) -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {"endpoints": text}}})
    assert [endpoint["address"] for endpoint in stack.instances[0]["endpoints"]] == ["a:1", "b:2"]


@pytest.mark.parametrize("nothing", ["", None])
def test_empty_text_and_null_mean_not_set(nothing: str | None) -> None:
    stack = parse({"cluster": "eu", "instances": {"query": {"replicas": nothing, "lookback_delta": nothing}}})
    assert (stack.instances[0]["replicas"], stack.instances[0]["lookback_delta"]) == (2, None)


SCALARS = {"yes": True, "no": False, "number": 1, "half": 0.5, "text": "a"}
TEXTS = {"yes": "true", "no": "false", "number": "1", "half": "0.5", "text": "a"}


@pytest.mark.parametrize("tier", ["sidecar", "store", "query", "compact", "ruler"])
def test_scalars_become_text_as_users_of_yaml_expect(tier: str) -> None:
    mappings = ("labels", "annotations", "pod_labels", "pod_annotations", "service_account_annotations")
    options = {**dict.fromkeys((*mappings, "node_selector"), SCALARS), "service": {"annotations": SCALARS}}
    objects = render({tier: options})
    name = f"thanos-{tier}"
    workload = next(o for o in objects if o["kind"] in ("Deployment", "StatefulSet"))
    pod = workload["spec"]["template"]
    account, service = (one(objects, kind, name)["metadata"] for kind in ("ServiceAccount", "Service"))
    written = [account["annotations"], service["annotations"], service["labels"], pod["metadata"]["annotations"]]
    written += [pod["metadata"]["labels"], pod["spec"]["nodeSelector"]]
    assert [{**found, **TEXTS} == found for found in written] == [True] * 6


def test_annotation_may_have_capital_letters_in_its_dns_name() -> None:
    assert render({"query": {"annotations": {"Example.com/a": "b"}}})


def test_environment_is_rendered_as_text_and_without_what_is_not_set() -> None:
    source = {"fieldRef": {"fieldPath": "metadata.name"}}
    env = [{"name": "A", "value": 1}, {"name": "B", "value": True}, {"name": "C", "valueFrom": source}]
    (query,) = [o for o in render({"query": {"env": env}}) if o["kind"] == "Deployment"]
    texts = [{"name": "A", "value": "1"}, {"name": "B", "value": "true"}, {"name": "C", "valueFrom": source}]
    assert container(query, "thanos-query")["env"] == texts


def test_external_labels_are_texts_in_prometheus_and_in_arguments() -> None:
    labels = {"on": True, "shard": 1, "said": 'a "b"'}
    objects = render({"sidecar": {"external_labels": labels}, "ruler": {"external_labels": labels}})
    document = json.loads(one(objects, "ConfigMap", "thanos-sidecar")["data"]["prometheus.yml"])
    texts = {"on": "true", "shard": "1", "said": 'a "b"'}
    assert {**document["global"]["external_labels"], **texts} == document["global"]["external_labels"]
    arguments = container(one(objects, "StatefulSet", "thanos-ruler"), "thanos-ruler")["args"]
    assert {'--label=on="true"', '--label=shard="1"', '--label=said="a \\"b\\""'} <= set(arguments)
