# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept of a list that is looked through while it arrives, and that no part of one passes for the whole."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterator

import pytest

from ansible_collections.o11y.thanos.plugins.module_utils._kubernetes.sieve import Broken, Wanted, sieve

PROTOBUF, JSON = "application/vnd.kubernetes.protobuf", "application/json"
# The answer of an API server 1.36 to a LIST of three Deployments of the namespace ``others``: ``compactor`` runs
# ``/bin/thanos compact`` in an image of another name, ``store`` Thanos' ``store``, ``web`` has ``--mode=compact``.
DEPLOYMENTS = zlib.decompress(
    base64.b64decode("""
eNrtVs+LHEUUrnZnZ3vLcdkUQUyjITSKIdg7253umZ4BD27CGiWGJSEisgSru6pnyu1fVtXMpgkL4kn3ouBFvAgGAoIePXoRj3rzkH9CCHj0oNXza7vZED
CHwML2obveq3pfvffVq4/e8wWA5+AKznPRHtto7SrN46xIaCqvMyHRl+fgKgRoyfE6BkC/6PCwCVfDLMlxKDOOgNHM5JByYYJLr7qk0+tGgW1ddrzQcnt2
z/K7PceKvF73su2GLg1tRyG5vral6z//8ePD5jr4cB0uqc3REeih9mAZrozSvTTbT1Hzdk6wpMY8Q3MR6ejbjMZEvG/3/27AR417ZtRPqMRqOTb7pRXjgM
aiHG+o18EbyqVQyuHBxBA5Dacrc54NOBXiKsUkZim9RcMsJWIexRUpLMQVe8wEy9JriqKMF9dZwuR8TtCYlmUsbMlV/oNiuhHPYoU/mBZVyyzBd2+N+IBW
7NspHmOmqogn3olbFnnFoEkez4CevnhVqsSqaD5Zvde/t2umOKG7Zn/XTNTErnlQg1EnleCUzE2W4KOsJ8bOKI53MsVYMXeXeEfkiWzEQ7pgU1KesBRLRe
h76gxKACyHT5hdQE8rIamo76Z2kJjLulOEQ0pGMeU3KrkIGo44k8UVRQG9Kx+z59sch3SHcpaRSlOUzxZA3z2nA4TgsRY2/tSgqa4NMIC6GMABPth6TKej
nzQ0hI2SY4Q4Hahu4kVbHSNnoejbxvPtgKVtOcRpJoyVWdglBfXx2Tah43YlTStWDdx6J7qRyR1Vvrq+n2rgcw18pYHvtcY2i6nRfCvex4W4cN5pXYlHQg
VvMy7kFngX3AQfgI/AEHDwmQYONfCtdobQCI9iaS1o+1UD5uvwhZvVBkYvwlVdWweGutWvoaPhRbAJfXDtYcNo6WAdvAQugIuKA/RAh/8uw+Xy0tC6dviu
7WJq+xbxA89yg15o4YgEVhQGnu1tBmEX+6V2eDXtaE0ZnQIeavf/r248asC/TnXjWekG5gNxKhro61I01mCtd43fNXj+mGDUlqAfNERmYvHKJyNcbLBspg
2zT3+8ueE6G645DTjJQvGNDv9Zhkv7NKjLRBe7BEcOsZxO1LFcz40sP1CvLumSkGz61HNIKROdmkzAKY8l3KlInIrESRCJL0qRaMFK5xq/afDlYxJRWYDu
a+jOTCDWFn8TaqJvm2uWlWSEvnny/yHK6v8D5QwDvA==
""")
)
NO_CRON_JOBS = b'k8s\x00\n\x17\n\x08batch/v1\x12\x0bCronJobList\x12\x0b\n\t\n\x00\x12\x03256\x1a\x00\x1a\x00"\x00'
WANTED = Wanted("compact", "thanos")
COMPACTOR = [("others", "compactor")]


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 16])
def test_what_has_the_word_and_the_part_is_kept_however_the_answer_is_cut(size: int) -> None:
    assert sieve(WANTED, PROTOBUF, pieces(DEPLOYMENTS, size)) == COMPACTOR


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted("store", "thanos"), ["store"]),
        (Wanted("compact", "elsewhere"), []),
        (Wanted("--mode=compact", "registry"), ["web"]),
        (Wanted("none", "none", frozenset({("others", "web"), ("mine", "store")})), ["web"]),
    ],
)
def test_word_is_a_whole_text_and_a_name_counts_in_its_namespace(wanted: Wanted, names: list[str]) -> None:
    assert [name for _namespace, name in sieve(wanted, PROTOBUF, pieces(DEPLOYMENTS, 99))] == names


def test_list_without_items_is_no_mistake() -> None:
    assert sieve(WANTED, PROTOBUF, pieces(NO_CRON_JOBS, 5)) == []
    assert sieve(WANTED, JSON, iter([b'{"items": null}'])) == []


def test_no_part_of_an_answer_passes_for_the_whole() -> None:
    whole = DEPLOYMENTS.removesuffix(b'\x1a\x00"\x00')
    assert len(whole) < len(DEPLOYMENTS)
    assert sieve(WANTED, PROTOBUF, pieces(whole, 500)) == COMPACTOR
    for length in range(len(whole)):
        with pytest.raises(Broken):
            sieve(WANTED, PROTOBUF, iter([whole[:length]]))


@pytest.mark.parametrize(
    ("content_type", "answer"),
    [
        (PROTOBUF, b"<html>a login page</html>"),
        (PROTOBUF, b"k8s\0" + b"\xff" * 50),
        (PROTOBUF, b"k8s\0\x12\x04\x12\x02\x0a\x00"),
        ("text/html", b"<html>a login page</html>"),
        (JSON, b"[1]"),
        (JSON, b'{"items": [{"kind": "Pod"}]}'),
        (JSON, b'{"items": [{"metadata": {"na'),
    ],
)
def test_what_is_no_list_is_never_an_empty_one(content_type: str, answer: bytes) -> None:
    with pytest.raises(Broken):
        sieve(WANTED, content_type, iter([answer]))


def test_server_that_knows_json_alone_is_understood() -> None:
    def item(name: str, *words: str) -> dict[str, object]:
        container = {"image": "quay.io/thanos/thanos:v0.42.4", "args": words}
        return {"metadata": {"name": name, "namespace": "others"}, "spec": {"containers": [container]}}

    answer = json.dumps({"items": [item("compactor", "compact"), item("web", "--mode=compact")]}).encode()
    assert sieve(WANTED, f"{JSON}; charset=utf-8", pieces(answer, 10)) == COMPACTOR
