# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing secret is shown, in no form."""

from __future__ import annotations

import base64
import json

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.diff import diff_of
from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.redact import MASK, Redactor

CANARY = 'c4n4ry "s3cr3t"/+?'
FORMS = {
    "as it is": CANARY,
    "in JSON": json.dumps({"a": CANARY}),
    "in base64": base64.b64encode(CANARY.encode()).decode(),
    "in base64, second place": base64.b64encode(f"x{CANARY}y".encode()).decode(),
    "in base64, third place": base64.b64encode(f"xx{CANARY}".encode()).decode(),
    "in base64 for URLs": base64.urlsafe_b64encode(f"x{CANARY}yy".encode()).decode(),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS.keys())
def test_known_value_is_masked_in_every_form(text: str) -> None:
    masked = Redactor([CANARY]).text(f"before {text} after")
    assert MASK in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert "c4n4ry" not in masked
    assert base64.b64encode(b"c4n4ry").decode()[:6] not in masked


def test_parts_of_a_configuration_file_that_sound_secret_are_masked() -> None:
    file = "type: S3\nconfig:\n  bucket: metrics\n  secret_key: 'p4ssw0rd'\n  access_key: AKIA123\n"
    assert Redactor([file]).text("bucket metrics, key p4ssw0rd of AKIA123") == f"bucket metrics, key {MASK} of {MASK}"


def test_lines_of_a_private_key_are_masked() -> None:
    line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw"
    key = f"-----BEGIN PRIVATE KEY-----\n{line}\n-----END PRIVATE KEY-----\n"
    assert line not in Redactor([key]).text(f"cannot parse {line}")


def test_nothing_known_changes_nothing() -> None:
    assert Redactor().text("plain") == "plain"
    assert Redactor(["abc"]).text("abc") == "abc"


def secret(value: str) -> dict[str, object]:
    data = {"token": base64.b64encode(value.encode()).decode(), "same": "c2FtZQ=="}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}, "data": data}


def test_diff_of_a_secret_tells_which_keys_changed_and_no_value() -> None:
    diff = diff_of(secret("one-value"), secret("other-value"), Redactor())
    assert "one-value" not in str(diff)
    changed = set(diff["after"].splitlines()) - set(diff["before"].splitlines())
    assert [line.split(":")[0].strip() for line in changed] == ["token"]
    assert base64.b64encode(b"other-value").decode() not in diff["after"]


def test_fingerprints_of_two_runs_differ() -> None:
    assert Redactor().fingerprint("a") != Redactor().fingerprint("a")


def test_diff_is_readable() -> None:
    item = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "namespace": "n",
            "uid": "u",
            "managedFields": [],
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"},
        },
        "data": {"a": "b"},
        "status": {},
    }
    assert diff_of(None, item, Redactor()) == {
        "before_header": "ConfigMap n/a",
        "after_header": "ConfigMap n/a",
        "before": "",
        "after": "apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: n\n",
    }
