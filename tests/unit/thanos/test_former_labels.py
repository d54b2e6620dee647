# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that changes external labels of what is there says so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.manifest import ref_of
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.former_labels import (
    changed_labels,
    of_another_cluster,
)
from ansible_collections.o11y.thanos.plugins.module_utils._thanos.spec import parse

from .cases import render

RECEIVE: dict[str, Any] = {"receive": {"replication_factor": 1, "hashrings": [{"name": "all", "replicas": 1}]}}


def told(old: dict[str, Any], new: dict[str, Any], before: str = "eu", after: str = "eu") -> list[str]:
    """What is said when a stack of these instances and cluster becomes another one."""
    was = {ref_of(item): item for item in render(old, cluster=before)}
    return changed_labels((was[ref_of(item)], item) for item in render(new, cluster=after) if ref_of(item) in was)


def test_another_cluster_is_told_of_all_that_write_it() -> None:
    instances = {"sidecar": {}, "ruler": {"query": ["http://q"]}, "store": {}}
    (sentence,) = told(instances, instances, "eu", "us")
    start = 'the external labels of ruler, sidecar were cluster="eu" until now, and are cluster="us" from now on: '
    assert sentence.startswith(start)
    assert "set thanos_cluster (or cluster), external_labels and replica_label to what they were" in sentence


def test_labels_of_ones_own_that_come_and_go_are_told() -> None:
    old = {"sidecar": {"external_labels": {"region": "a", "team": "x"}}}
    new = {"sidecar": {"external_labels": {"region": "b", "stage": "prod"}}}
    (sentence,) = told(old, new)
    assert 'were region="a", no stage, team="x" until now' in sentence
    assert 'are region="b", stage="prod", no team from now on' in sentence


def test_labels_of_ingestors_are_told() -> None:
    (sentence,) = told(RECEIVE, RECEIVE, "eu", "us")
    assert 'receive_cluster="eu" until now, and are receive_cluster="us"' in sentence


@pytest.mark.parametrize("tier", ["sidecar", "ruler"])
def test_labels_are_told_as_they_were_typed(tier: str) -> None:
    old, new = ({tier: {"external_labels": {"team": team}}} for team in ("$HOME", "pay$me"))
    (sentence,) = told(old, new)
    assert 'were team="$HOME" until now, and are team="pay$me" from now on' in sentence


def test_whatever_else_changes_is_no_news() -> None:
    assert told({"sidecar": {}}, {"sidecar": {"scrape_interval": "1m", "replicas": 3}}) == []


def test_a_configuration_that_was_edited_by_hand_is_passed_over() -> None:
    item = {"kind": "ConfigMap", "metadata": {"name": "a", "labels": {}}, "data": {"prometheus.yml": "global: {}"}}
    assert changed_labels([(item, render({"sidecar": {}})[0])]) == []


STACK = parse({"cluster": "eu", "instances": {"sidecar": {}}})


@pytest.mark.parametrize("instances", [{"sidecar": {}}, {"ruler": {"query": ["http://q"]}}, RECEIVE])
def test_a_stack_of_another_cluster_is_not_removed(instances: dict[str, Any]) -> None:
    (found,) = of_another_cluster(STACK, render(instances, cluster="us"))
    assert (found.id, found.where) == ("cluster-other", "cluster")
    assert "the stack thanos in namespace monitoring writes the label of cluster 'us', and 'eu' is to be" in found.what
    assert "set cluster (thanos_cluster) to that label" in found.advice


def test_a_stack_that_writes_the_label_or_none_may_be_removed() -> None:
    named = {"sidecar": {}, "ruler": {"query": ["http://q"], "external_labels": {"cluster": "all"}}}
    assert of_another_cluster(STACK, render(named)) == []
    assert of_another_cluster(STACK, render({"query": {}}, cluster="us")) == []


def test_a_label_that_was_edited_into_a_number_is_one() -> None:
    text = json.dumps({"global": {"external_labels": {"cluster": 1}}})
    edited = {"kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"prometheus.yml": text}}
    (found,) = of_another_cluster(STACK, [edited])
    assert "the label of cluster '1'" in found.what
