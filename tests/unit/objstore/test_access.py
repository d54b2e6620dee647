# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of least privilege: who may delete, in every provider's form."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._objstore.access import ROLES, documents, wanted
from ansible_collections.o11y.thanos.plugins.module_utils._objstore.adapters.s3_policy import (
    arn_of,
    canonical,
    tls_statement,
)
from tests.support.object_stores import SHORT

# Words that let somebody delete; the roles of Google and Azure say it by their name.
WRITES = ("putobject", "objectcreator", "objectuser", "blobs/write", "data contributor", "object_create")
DELETES = ("delete", "objectuser", "data contributor")


def store(kind: str) -> dict[str, object]:
    return {"type": kind, **SHORT[kind], "prefix": "eu"}


@pytest.mark.parametrize("kind", ["S3", "GCS", "AZURE", "COS", "ALIYUNOSS", "OBS", "OCI"])
def test_only_the_compactor_deletes(kind: str) -> None:
    papers = {role: json.dumps(paper).lower() for role, paper in documents(store(kind)).items()}
    assert {role for role, text in papers.items() if any(word in text for word in DELETES)} == {"compactor"}
    writes = {role for role, text in papers.items() if any(word in text for word in WRITES)}
    assert writes == {"writer", "compactor"}


@pytest.mark.parametrize("kind", ["S3", "COS", "ALIYUNOSS", "OBS"])
def test_objects_outside_the_prefix_are_out_of_reach(kind: str) -> None:
    assert all("/eu/*" in json.dumps(paper) for paper in documents(store(kind)).values())


@pytest.mark.parametrize("kind", ["BOS", "FILESYSTEM"])
def test_no_document_where_there_is_nothing_of_the_kind(kind: str) -> None:
    assert documents(store(kind)) == dict.fromkeys(ROLES)
    assert wanted(store(kind), {"reader": ["a"]}) is None


def test_a_key_of_ones_own_may_be_used() -> None:
    arn = "arn:aws:kms:eu-central-1:1:key/2"
    papers = documents({**store("S3"), "encryption": {"kms_key_id": arn}})
    assert papers["reader"]["Statement"][-1]["Action"] == ["kms:Decrypt"]
    assert papers["writer"]["Statement"][-1]["Resource"] == [arn]


def test_forms_of_one_statement_are_one() -> None:
    plain = {"Sid": "a", "Effect": "Allow", "Principal": {"AWS": ["u"]}, "Action": ["s3:x"], "Resource": ["r"]}
    assert canonical(plain) == canonical({**plain, "Principal": "u", "Action": "s3:x", "Resource": "r"})
    assert canonical(plain) != canonical({**plain, "Action": "s3:*"})


def sids(prefix: str) -> set[str]:
    paper = wanted({**store("S3"), "prefix": prefix}, {role: ["u"] for role in ROLES})
    assert paper is not None
    return set(paper)


def test_clusters_with_other_prefixes_have_statements_of_other_names() -> None:
    plain = {f"O11yThanos{role.capitalize()}{part}" for role in ROLES for part in ("List", "Objects")}
    assert sids("") == sids("/") == plain
    assert sids("eu") == sids("/eu/")
    assert len(plain | sids("eu") | sids("us") | sids("eu/1")) == 4 * len(plain)
    # Whatever is in a prefix, servers take letters and digits.
    assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids("eu/1_ü-"))


@pytest.mark.parametrize(
    ("place", "partition"),
    [
        ({"endpoint": "s3.eu-central-1.amazonaws.com"}, "aws"),
        ({"endpoint": "s3.cn-north-1.amazonaws.com.cn"}, "aws-cn"),
        ({"endpoint": "s3.amazonaws.com", "region": "cn-northwest-1"}, "aws-cn"),
        ({"endpoint": "s3.us-gov-west-1.amazonaws.com"}, "aws-us-gov"),
        ({"endpoint": "s3-us-gov-west-1.amazonaws.com:443"}, "aws-us-gov"),
        ({"endpoint": "s3.amazonaws.com", "region": "us-gov-east-1"}, "aws-us-gov"),
        ({"endpoint": "bucket.vpce-1a2b3c-4d.s3.us-gov-west-1.vpce.amazonaws.com"}, "aws-us-gov"),
        ({"endpoint": "s3.eusc-de-east-1.amazonaws.eu"}, "aws-eusc"),
        ({"endpoint": "s3.example.org", "region": "cn-north-1"}, "aws"),
        ({"endpoint": "amazonaws.com.cn.example.org:9000", "region": "us-gov-east-1"}, "aws"),
    ],
)
def test_amazons_partitions_are_told_apart(place: dict[str, str], partition: str) -> None:
    arn = f"arn:{partition}:s3:::metrics"
    paper = documents({"type": "S3", "bucket": "metrics", **place})["reader"]
    assert [statement["Resource"] for statement in paper["Statement"]] == [[arn], [f"{arn}/*"]]
    assert tls_statement(arn_of({"bucket": "metrics", **place}))["Resource"] == [arn, f"{arn}/*"]


def test_writers_on_swift_read_too() -> None:
    assert wanted(store("SWIFT"), {"reader": ["r"], "writer": ["w"]}) == {"read": ["r", "w"], "write": ["w"]}
